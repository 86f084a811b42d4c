r"""What aligning to meters and enlarging to the picture's size are worth, and what they cost.

    python training/run.py render --config training/configs/world.toml --set render.train=0 \
        --set render.distill=0 --set render.validation=0 --set render.test=60
    python benchmarks/alignment.py [PART ...] [--model preview] [--frames FOLDER] [--data FOLDER]

Parts, of rendered frames that nothing was tuned on unless said otherwise:

    estimated  f_D, and sharpened from it with the published global fit and with the local one
    given      true depth with the faults of sensors (`degraded.py`), holes filled, and sharpened
    points     estimates, and what 30 to 500 measured points make of them
    real       measured depth of real pictures, sharpened and compared with itself
    detail     enlarging to pictures of 1024 and 2048 pixels: errors in their own pixels
    cost       seconds and memory at 2, 8 and 33 megapixels

The frames of `detail` are rendered with `--set processing_resolution=1024 --set render.test=8` (or
2048 and 4) `--set folder=...`. Prints tables and writes benchmarks/results/alignment.json.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.degraded import KINDS, degrade  # noqa: E402
from sharpdepth_blender.engine import SharpDepth  # noqa: E402
from training.datasets import open_dataset  # noqa: E402
from training.metrics import boundary_scores, depth_boundary_errors  # noqa: E402
from training.scenes.frame import Frame  # noqa: E402

RESULT = Path(__file__).with_name("results") / "alignment.json"
GIVEN = 30  # frames
POINTS = (30, 100, 300, 500)
SIZES = {"2 MP": (1152, 1728), "8 MP": (2160, 3840), "33 MP": (4320, 7680)}
COLUMNS = ("abs_rel", "delta1", "delta1.05", "dbe_accuracy", "dbe_completeness", "boundary_f1")


def main():
    parts = {each.__name__: each for each in (estimated, given, points, real, detail, cost)}
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    parser.add_argument("--model", default="preview")
    parser.add_argument("--frames", type=Path, default=ROOT / "build" / "training")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)  # a run of its own, of `cost`
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(parts):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    engine = SharpDepth.load(arguments.model)
    if arguments.one:
        print(json.dumps(one_run(engine, *arguments.one)))
        return
    results = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for name in arguments.parts or parts:
        print(f"\n{name}")
        results[name] = parts[name](engine, arguments)
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def estimated(engine, arguments):
    found = {"f_D": [], "global fit": [], "local fit": []}
    for frame in test_frames(arguments.frames / "world"):
        for fit in ("global", "local"):
            result = engine.infer(frame.rgb, frame.intrinsics, fit=fit)
            found[f"{fit} fit"].append(compare(result.depth, frame.depth, frame.sky))
        found["f_D"].append(compare(result.metric_depth, frame.depth, frame.sky))
    return table(found)


def given(engine, arguments):
    rows = {}
    frames = test_frames(arguments.frames / "world")[:GIVEN]
    for kind in KINDS:
        found = {f"{kind}: {what}": [] for what in ("filled", "global fit", "local fit")}
        for number, frame in enumerate(frames):
            measured = degrade(kind, frame.depth, frame.intrinsics[0], number)
            measured[frame.sky] = 0
            if not measured.any():  # all of it is beyond the sensor's reach
                continue
            for fit in ("global", "local"):
                result = engine.infer(frame.rgb, frame.intrinsics, measured, fit=fit)
                found[f"{kind}: {fit} fit"].append(compare(result.depth, frame.depth, frame.sky))
                if fit == "global":  # which never takes a map for points
                    found[f"{kind}: filled"].append(
                        compare(result.metric_depth, frame.depth, frame.sky)
                    )
        rows |= table(found)
    return rows


def points(engine, arguments):
    found = {"no points": []} | {f"{count} points": [] for count in POINTS}
    for number, frame in enumerate(test_frames(arguments.frames / "world")[:GIVEN]):
        found["no points"].append(
            compare(engine.infer(frame.rgb, frame.intrinsics).depth, frame.depth, frame.sky)
        )
        for count in POINTS:
            random = np.random.default_rng([number, count])
            row, column = np.divmod(
                random.choice(np.flatnonzero(~frame.sky), count, replace=False),
                frame.depth.shape[1],
            )
            meters = frame.depth[row, column] * (1 + random.normal(0, 0.01, count))
            measured = np.stack([column + 0.5, row + 0.5, meters], 1)
            result = engine.infer(frame.rgb, frame.intrinsics, metric_points=measured)
            found[f"{count} points"].append(compare(result.depth, frame.depth, frame.sky))
    return table(found)


def real(engine, arguments):
    found = {"global fit": [], "local fit": []}
    for sample in open_dataset("rgbd", arguments.data):
        for fit in ("global", "local"):
            result = engine.infer(sample.rgb, sample.intrinsics, sample.depth, fit=fit)
            found[f"{fit} fit"].append(compare(result.depth, sample.depth))
            print(f"{sample.name:24}{fit:8}{found[f'{fit} fit'][-1]['abs_rel']:8.3f}")
    return table(found)


def detail(engine, arguments):
    rows = {}
    for side in (1024, 2048):
        found = {f"{side} px, {each}": [] for each in ("off", "edges", "tiles")}
        for frame in test_frames(arguments.frames / f"frames{side}"):
            for each in ("off", "edges", "tiles"):
                result = engine.infer(frame.rgb, frame.intrinsics, detail=each)
                seconds = sum(result.seconds.values())
                found[f"{side} px, {each}"].append(
                    compare(result.depth, frame.depth, frame.sky) | {"seconds": seconds}
                )
        rows |= table(found)
    return rows


def cost(engine, arguments):
    """Each in a process of its own, as memory is that of the process."""
    rows = {}
    for size in SIZES:
        for what in ("estimated", "given"):
            for how in ("global", "off", "edges", "tiles"):
                if how == "tiles" and what == "given":
                    continue
                command = [sys.executable, __file__, "--model", arguments.model, "--one"]
                answer = subprocess.run(
                    [*command, size, what, how], check=True, capture_output=True, text=True
                )
                row = json.loads(answer.stdout.splitlines()[-1])
                rows[f"{size}, {what}, {how}"] = row
                stages = ", ".join(f"{name} {took:.2f}" for name, took in row["stages"].items())
                print(f"{size:6} {what:10} {how:7}{row['seconds']:8.2f} s{row['memory']:7.2f} GiB"
                      f"   {stages}")  # fmt: skip
    return rows


def one_run(engine, size, what, how):
    """A busy picture with steps of depth everywhere: the most that there is to do."""
    height, width = SIZES[size]
    random = np.random.default_rng(0)
    blocks = random.integers(0, 255, (height // 96 + 1, width // 96 + 1, 3), dtype=np.uint8)
    rgb = blocks.repeat(96, 0).repeat(96, 1)[:height, :width]
    depth = None
    if what == "given":
        depth = (1 + rgb[..., 0] / 64 + np.linspace(0, 3, width)).astype(np.float32)
    options = {"fit": "global"} if how == "global" else {"detail": how}
    engine.infer(rgb[:256, :256])  # warm
    result = engine.infer(rgb, metric_depth=depth, **options)
    return {
        "seconds": sum(result.seconds.values()),
        "memory": max(result.memory.values()) / 2**30,
        "stages": result.seconds,
    }


def test_frames(folder):
    paths = sorted((folder / "frames" / "test").glob("*.npz"))
    if not paths:
        sys.exit(f"There are no test frames in {folder}; see --help.")
    return [Frame.load(path) for path in paths]


def compare(depth, truth, sky=None):
    """Measures where there is truth, which a sky has none of."""
    valid = truth > 0 if sky is None else ~sky
    prediction, wanted = depth[valid], truth[valid]
    ratio = np.maximum(prediction / wanted, wanted / prediction)
    accuracy, completeness = depth_boundary_errors(depth, truth, valid)
    return {
        "abs_rel": float(np.mean(np.abs(prediction / wanted - 1))),
        "delta1": float(np.mean(ratio < 1.25)),
        "delta1.05": float(np.mean(ratio < 1.05)),
        "dbe_accuracy": accuracy,
        "dbe_completeness": completeness,
        "boundary_f1": boundary_scores(depth, truth, valid)["f1"],
    }


def table(found):
    """Print means over pictures, NaN left out, and return them."""
    columns = [*COLUMNS, *(["seconds"] if "seconds" in next(iter(found.values()))[0] else [])]
    print(f"{'':28}" + "".join(f"{name.removeprefix('boundary_'):>17}" for name in columns))
    rows = {}
    for name, values in found.items():
        rows[name] = {
            column: round(float(np.nanmean([each[column] for each in values])), 4)
            for column in columns
        }
        print(f"{name:28}" + "".join(f"{value:17.3f}" for value in rows[name].values()))
    return rows


if __name__ == "__main__":
    main()
