"""The preview model on real pictures with measured depth, whatever the numbers say.

    python benchmarks/real_pictures.py [--data ../shared/data] [--model preview]
        [--estimator build/training/world/metric/model]

Each picture is sharpened twice: from the model's own metric depth, and from the measured depth in
its place. Both are compared with the measurement where there is one, as they are and after scaling
to the measured median. Prints a table and writes benchmarks/results/real_pictures.json. Nothing was
trained on these pictures.
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
    parser.add_argument("--estimator", help="folder of another metric model")
    parser.add_argument("--into", type=Path, default=ROOT / "benchmarks" / "results")
    arguments = parser.parse_args()
    try:
        pictures = open_dataset("rgbd", arguments.data)
    except DatasetError as error:
        sys.exit(str(error))
    engine = SharpDepth.load(arguments.model, estimator=arguments.estimator)
    rows = []
    head = "".join(f"{name:>9}" for name in ("AbsRel", "delta1", "size", "AbsRel", "delta1"))
    print(f"{'':59}{'after scaling':>18}\n{'picture':32}{head}")
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
    scaled = depth * np.median(measured) / np.median(depth)
    values = {
        "abs_rel": absolute_relative(depth, measured),
        "delta1": delta1(depth, measured),
        "size": np.median(depth / measured),
        "abs_rel_scaled": absolute_relative(scaled, measured),
        "delta1_scaled": delta1(scaled, measured),
    }
    return {name: round(float(value), 4) for name, value in values.items()}


def mean_of(rows, name, key):
    return round(float(np.mean([row[name][key] for row in rows])), 4)


def show(row):
    for name, label in (
        ("metric", "f_D"),
        ("sharpened", "sharp"),
        ("sharpened from the measured", "from true"),
    ):
        values = row[name]
        print(f"{row['picture']:22}{label:>10}", "".join(f"{v:9.3f}" for v in values.values()))


if __name__ == "__main__":
    main()
