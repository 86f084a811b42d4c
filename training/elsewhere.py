"""Train for some minutes on another machine, such as one with a GPU, with what fits in a file.

    python training/elsewhere.py pack build/training/world/frames frames.zip     # here
    python training/elsewhere.py train frames.zip OUT --minutes 8               # there: f_D
    python training/elsewhere.py train frames.zip OUT --minutes 12 --sharpener  # there: f_G, G
    python benchmarks/real_pictures.py --estimator OUT/metric/model              # here again

Code and config are those of `run.py`; only the numbers of steps follow from the time there is, by
the pace of the first steps. The sharpener has the bundled autoencoder and f_D. OUT/device.json
tells the device, the steps and the seconds.
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
from diffusers import UNet2DConditionModel  # noqa: E402

from sharpdepth_blender.engine.estimators import load_estimator  # noqa: E402
from training.config import load_config  # noqa: E402
from training.diffusion import train_diffusion  # noqa: E402
from training.distill import distill  # noqa: E402
from training.loop import device, load_model  # noqa: E402
from training.metric import train_metric  # noqa: E402
from training.pack import pack_frames, unpack_frames  # noqa: E402
from training.scenes.splits import SEEDS_OF_SPLIT  # noqa: E402
from training.settings import Config  # noqa: E402

BUNDLED = HERE.parent / "sharpdepth_blender" / "models" / "preview"
STAGES = {"metric": train_metric, "diffusion": train_diffusion, "distill": distill}
# Settings that tell the number of first, cheaper steps.
CHEAPER = {"metric": "half_size_steps", "diffusion": "small_steps"}
PACED = 12  # steps by which a pace is measured
NOISE = 0.02  # of a reading of the clock
SPENT = 0.85  # share of the time that is planned; the rest is for unpacking and saving
F_G_SHARE = 0.7  # of the sharpener's time; the rest is for the distillation


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
    pack.add_argument("--distill", type=int, default=160, help="frames")
    train = commands.add_parser("train", help="train on them for some minutes")
    train.add_argument("packed", type=Path)
    train.add_argument("out", type=Path)
    train.add_argument("--minutes", type=float, required=True)
    train.add_argument("--sharpener", action="store_true", help="f_G and G instead of f_D")
    train.add_argument("--config", type=Path, default=HERE / "configs" / "world.toml")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    options = parser.parse_args(arguments)
    if options.command == "pack":
        counts = {"validation": options.validation, "distill": options.distill, "train": 1_000_000}
        print(pack_frames(options.frames, options.into, counts, options.megabytes, options.longer))
    else:
        config = load_config(options.config, options.settings)
        train_for(options.packed, options.out, options.minutes, config, options.sharpener)


def train_for(packed: Path, out: Path, minutes: float, config: Config, sharpener: bool = False):
    """Train on packed frames, in about the given time including everything.

    Args:
        packed: File written by `pack_frames`.
        out: Folder for the models in half precision, logs and `device.json`.
        minutes: Time there is.
        config: Config with the tables of the stages; its folder and its numbers of frames and
            steps are not used.
        sharpener: Whether to train f_G and from it G, not f_D.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counts = unpack_frames(packed, Path(folder) / "frames")
        none = dict.fromkeys(SEEDS_OF_SPLIT, 0)
        render = replace(config.render, **none | counts)
        config = replace(config, folder=folder, render=render, variants={})
        until = begun + minutes * 60 * SPENT
        stages = {}
        if sharpener:
            for part in ("vae", "metric"):
                shutil.copytree(BUNDLED / part, Path(folder) / part / "model")
            f_g_until = begun + (until - begun) * F_G_SHARE
            stages["diffusion"] = _train("diffusion", config, f_g_until)
            stages["distill"] = _train("distill", config, until)
            shutil.copytree(Path(folder) / "model", out / "model", dirs_exist_ok=True)
            f_g = load_model(UNet2DConditionModel, Path(folder) / "diffusion" / "model")
            f_g.half().save_pretrained(out / "diffusion" / "model")
        else:
            stages["metric"] = _train("metric", config, until)
            f_d = load_estimator(Path(folder) / "metric" / "model")
            f_d.half().save_pretrained(out / "metric" / "model")
        for stage in stages:
            (out / stage).mkdir(parents=True, exist_ok=True)
            for log in (Path(folder) / stage).glob("*.csv"):
                shutil.copy(log, out / stage)
    name = torch.cuda.get_device_name() if device() == "cuda" else platform.processor() or "CPU"
    told = {"device": name, "frames": counts, "stages": stages}
    told["seconds"] = round(time.monotonic() - begun, 1)
    (out / "device.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _train(stage, config, until):
    """Train a stage until about the time `until` of the monotonic clock; return steps and paces."""
    table, cheaper = getattr(config, stage), CHEAPER.get(stage)
    share = getattr(table, cheaper) / table.steps if cheaper else 0
    first = [_pace(stage, config, **{cheaper: 1 + PACED})[0]] if share else []
    last, besides = _pace(stage, config, **({cheaper: 0} if cheaper else {}))
    pace = [*first, last]
    left = until - time.monotonic() - besides
    steps = max(1, int(left / (share * pace[0] + (1 - share) * pace[-1])))
    settings = {"steps": steps, "warmup": min(table.warmup, steps // 5)}
    if cheaper:
        settings[cheaper] = int(share * steps)
    if hasattr(table, "validate_every"):
        settings["validate_every"] = max(1, steps // 10)
    STAGES[stage](_with(config, stage, settings))
    return {"steps": steps, "pace": pace}


def _pace(stage, config, **settings):
    """Return the seconds of a step and those of all else, from steps that are forgotten.

    On a GPU, reading the frames takes as long as hundreds of steps.
    """
    config = replace(config, render=replace(config.render, validation=0))
    seconds = []
    for steps in (1, 1, 1 + PACED):  # the first one warms up
        begun = time.monotonic()
        STAGES[stage](_with(config, stage, {"steps": steps, **settings}))
        seconds.append(time.monotonic() - begun)
        (Path(config.folder) / stage / "state.pt").unlink()
    _, besides, all_of_it = seconds
    return max(all_of_it - besides, NOISE * besides) / PACED, besides


def _with(config, stage, settings):
    return replace(config, **{stage: replace(getattr(config, stage), **settings)})


if __name__ == "__main__":
    main(sys.argv[1:])
