"""The preview model on real pictures with measured depth, whatever the numbers say.

    python benchmarks/real_pictures.py [--data ../shared/data] [--model preview]

Each picture is sharpened twice: from the model's own metric depth, and from the measured depth in
its place. Both are compared with the measurement where there is one. Prints a table and writes
benchmarks/results/real_pictures.json. Nothing was tuned on these pictures.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sharpdepth_blender.engine import SharpDepth  # noqa: E402
from training.datasets import DatasetError, open_dataset  # noqa: E402
from training.metrics import absolute_relative, delta1  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--model", default="preview")
    parser.add_argument("--into", type=Path, default=ROOT / "benchmarks" / "results")
    arguments = parser.parse_args()
    try:
        pictures = open_dataset("rgbd", arguments.data)
    except DatasetError as error:
        sys.exit(str(error))
    engine = SharpDepth.load(arguments.model)
    rows = []
    print(f"{'picture':22}{'':>10}{'AbsRel':>9}{'delta1':>9}{'size':>9}")
    for sample in pictures:
        rgb, measured, intrinsics = sample.rgb, sample.depth, sample.intrinsics
        estimated = engine.infer(rgb, intrinsics)
        given = engine.infer(rgb, intrinsics, metric_depth=measured)
        row = {
            "picture": sample.name,
            "metric": compare(estimated.metric_depth, measured),
            "sharpened": compare(estimated.depth, measured),
            "sharpened from the measured": compare(given.depth, measured),
            "notes": estimated.notes + given.notes,
        }
        rows.append(row)
        show(row)
    names = ("metric", "sharpened", "sharpened from the measured")
    mean = {name: {key: mean_of(rows, name, key) for key in rows[0][name]} for name in names}
    show({"picture": "mean", **mean})
    arguments.into.mkdir(parents=True, exist_ok=True)
    report = json.dumps({"model": engine.model, "mean": mean, "pictures": rows}, indent=1)
    (arguments.into / "real_pictures.json").write_text(report + "\n", encoding="utf-8")


def compare(depth, measured):
    """Measures where there is a measurement; `size` is the median ratio to it."""
    there = measured > 0
    depth, measured = depth[there], measured[there]
    return {
        "abs_rel": round(absolute_relative(depth, measured), 4),
        "delta1": round(delta1(depth, measured), 4),
        "size": round(float(np.median(depth / measured)), 4),
    }


def mean_of(rows, name, key):
    return round(float(np.mean([row[name][key] for row in rows])), 4)


def show(row):
    for name, label in (
        ("metric", "f_D"),
        ("sharpened", "sharp"),
        ("sharpened from the measured", "from true"),
    ):
        values = row[name]
        print(
            f"{row['picture']:22}{label:>10}"
            f"{values['abs_rel']:9.3f}{values['delta1']:9.3f}{values['size']:9.3f}"
        )


if __name__ == "__main__":
    main()
