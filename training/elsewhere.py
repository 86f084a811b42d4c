"""Train f_D for some minutes on another machine, such as one with a GPU, with what fits in a file.

    python training/elsewhere.py pack build/training/world/frames frames.zip     # here
    python training/elsewhere.py train frames.zip OUT --minutes 8                # there
    python benchmarks/real_pictures.py --estimator OUT/metric/model              # here again

Code and config are those of `run.py metric`; only the number of steps follows from the time there
is, by the pace of the first steps. OUT/device.json tells the device, the steps and the seconds.
"""

import argparse
import json
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import torch  # noqa: E402

from sharpdepth_blender.engine.estimators import load_estimator  # noqa: E402
from training.config import load_config  # noqa: E402
from training.loop import device  # noqa: E402
from training.metric import train_metric  # noqa: E402
from training.pack import pack_frames, unpack_frames  # noqa: E402

PACED = 24  # steps by which the pace is measured, half of them at full size
SPENT = 0.85  # share of the time that steps may take; the rest is for reading and saving


def main(arguments: list[str]):
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    pack = commands.add_parser("pack", help="write frames to one file")
    pack.add_argument("frames", type=Path)
    pack.add_argument("into", type=Path)
    pack.add_argument("--megabytes", type=float, default=60)
    pack.add_argument("--longer", type=int, default=320, help="longer side, pixels")
    pack.add_argument("--validation", type=int, default=24, help="frames")
    train = commands.add_parser("train", help="train on them for some minutes")
    train.add_argument("packed", type=Path)
    train.add_argument("out", type=Path)
    train.add_argument("--minutes", type=float, required=True)
    train.add_argument("--config", type=Path, default=HERE / "configs" / "world.toml")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    options = parser.parse_args(arguments)
    if options.command == "pack":
        counts = {"validation": options.validation, "train": 1_000_000}
        print(pack_frames(options.frames, options.into, counts, options.megabytes, options.longer))
    else:
        train_for(options.packed, options.out, options.minutes, options.config, options.settings)


def train_for(packed: Path, out: Path, minutes: float, config: Path, settings: list[str]):
    """Train f_D on packed frames, in about the given time including everything.

    Args:
        packed: File written by `pack_frames`.
        out: Folder for model, logs and `device.json`.
        minutes: Time there is.
        config: Config with a table `metric`.
        settings: Overrides, as those of `run.py`.
    """
    begun = time.monotonic()
    config = load_config(config, settings)
    with tempfile.TemporaryDirectory() as folder:
        counts = unpack_frames(packed, Path(folder) / "frames")
        config.folder = folder
        config.render = replace(config.render, train=counts["train"], validation=0)
        share = config.metric.half_size_steps / config.metric.steps
        pace = _pace(config)
        config.render.validation = counts.get("validation", 0)
        left = minutes * 60 * SPENT - (time.monotonic() - begun)
        steps = max(1, int(left / (share * pace[0] + (1 - share) * pace[1])))
        config.metric = replace(
            config.metric,
            steps=steps,
            half_size_steps=int(share * steps),
            warmup=min(config.metric.warmup, steps // 5),
            validate_every=max(1, steps // 10),
        )
        train_metric(config)
        made, into = Path(folder) / "metric", out / "metric"
        # In half precision and without the state, so that little has to come back.
        load_estimator(made / "model").half().save_pretrained(into / "model")
        for log in made.glob("*.csv"):
            shutil.copy(log, into)
    name = torch.cuda.get_device_name() if device() == "cuda" else platform.processor() or "CPU"
    told = {"device": name, "steps": steps, "frames": counts, "pace": pace}
    told["seconds"] = round(time.monotonic() - begun, 1)
    (out / "device.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _pace(config):
    """Return the seconds of a step at half and at full size, from a few steps of a run apart."""
    paces = []
    for half in (PACED, 0):
        metric = replace(config.metric, steps=PACED // 2, half_size_steps=half)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "frames").symlink_to(Path(config.folder) / "frames")
            tried = replace(config, folder=folder, metric=metric)
            train_metric(replace(tried, metric=replace(metric, steps=2)))  # warms up
            shutil.rmtree(Path(folder) / "metric")
            begun = time.monotonic()
            train_metric(tried)
            paces.append((time.monotonic() - begun) / metric.steps)
    return paces


if __name__ == "__main__":
    main(sys.argv[1:])
