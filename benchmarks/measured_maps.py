"""Degraded maps of real sensors: sharpened by the bundled model, or refined by a network.

    python benchmarks/measured_maps.py [--data ../shared/data] [--model preview]
        [--refiner prompt-depth-anything]

The measured depth of each picture is degraded, and what is made of it is compared with the
measurement, where there is one: a sensor's own errors count against all alike. Low resolution is
that of the means of 8 x 8 pixels. The refiner's rows need its weights, and say so where they are
missing. Prints a table and writes benchmarks/results/measured_maps.json. Nothing was trained on
these pictures.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.alignment import compare, table  # noqa: E402
from sharpdepth_blender.engine import SharpDepth  # noqa: E402
from sharpdepth_blender.engine.errors import EngineError  # noqa: E402
from sharpdepth_blender.geometry.measurement import fit_measurement  # noqa: E402
from training.datasets import DatasetError, open_dataset  # noqa: E402

RESULT = Path(__file__).with_name("results") / "measured_maps.json"
CELL = 8  # pixels
NOISE = 0.03  # standard deviation, of depth
HOLES = 0.3  # share of the map


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--model", default="preview")
    parser.add_argument("--refiner", default="prompt-depth-anything")
    arguments = parser.parse_args()
    try:
        pictures = list(open_dataset("rgbd", arguments.data))
    except DatasetError as error:
        sys.exit(str(error))
    ways = {"sharpened": SharpDepth.load(arguments.model)}
    missing = None
    try:
        ways["refined"] = SharpDepth.load(arguments.refiner)
    except EngineError as error:
        if error.kind != "weights_missing":
            raise
        missing = str(error)
    rows = {}
    for name, degrade in KINDS.items():
        found = {f"{name}: {way}": [] for way in ("as it is", *ways)}
        for number, sample in enumerate(pictures):
            given = degrade(sample.depth, np.random.default_rng(number))
            for way, engine in ways.items():
                result = engine.infer(sample.rgb, sample.intrinsics, given)
                found[f"{name}: {way}"].append(compare(result.depth, sample.depth))
            found[f"{name}: as it is"].append(compare(result.metric_depth, sample.depth))
        rows |= table(found)
    report = {"model": arguments.model, "refiner": arguments.refiner, "pictures": len(pictures),
              "not run": missing, "rows": rows}  # fmt: skip
    if missing:
        print(f"\nThe refiner was not run: {missing}")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def small(depth, rng):
    """A map of low resolution, enlarged as the add-on does it; a cell needs half its pixels."""
    height, width = (side // CELL for side in depth.shape)
    cells = depth[: height * CELL, : width * CELL].reshape(height, CELL, width, CELL)
    count = (cells > 0).sum((1, 3))
    mean = np.where(2 * count >= CELL * CELL, cells.sum((1, 3)) / np.maximum(count, 1), 0)
    return mean.astype(np.float32)


def noisy(depth, rng):
    """The same with noise."""
    low = small(depth, rng)
    return low * (1 + NOISE * rng.standard_normal(low.shape)).clip(0.5).astype(np.float32)


def holed(depth, rng):
    """The same with noise, and with holes in blobs."""
    low = noisy(depth, rng)
    field = gaussian_filter(rng.normal(size=low.shape), 3)
    return low * (field > np.quantile(field, HOLES))


def enlarged(degrade):
    def whole(depth, rng):
        return fit_measurement(degrade(depth, rng), depth.shape[1], depth.shape[0])

    return whole


KINDS = {
    "low resolution": enlarged(small),
    "low resolution, noise": enlarged(noisy),
    "low resolution, noise, holes": enlarged(holed),
}


if __name__ == "__main__":
    main()
