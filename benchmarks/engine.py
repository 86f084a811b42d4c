"""Seconds of each stage of the engine, by picture size.

    python benchmarks/engine.py [--model preview] [--device auto] [--repeats 3]

Prints a table and writes benchmarks/results/engine-<device>.json. Each number is the median of the
repeats after one run that is not counted.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from statistics import median

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sharpdepth_blender.engine import SharpDepth  # noqa: E402

SIZES = ((480, 640, 256), (1080, 1920, 256), (1080, 1920, 768))  # height, width, resolution


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="preview")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--into", type=Path, default=ROOT / "benchmarks" / "results")
    arguments = parser.parse_args()

    engine = SharpDepth.load(arguments.model, arguments.device)
    rows = [measure(engine, *size, arguments.repeats) for size in SIZES]
    show(rows)
    report = {
        "model": engine.model,
        "device": engine.device,
        "hardware": hardware(engine.device),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "repeats": arguments.repeats,
        "rows": rows,
    }
    arguments.into.mkdir(parents=True, exist_ok=True)
    path = arguments.into / f"engine-{engine.device}.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"\n{report['hardware']}, torch {torch.__version__}: {path}")


def measure(engine, height, width, resolution, repeats):
    """Median seconds of each stage for one picture size."""
    rgb = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    engine.processing_resolution = resolution
    runs = [engine.infer(rgb).seconds for _ in range(repeats + 1)][1:]
    seconds = {stage: round(median(run[stage] for run in runs), 4) for stage in runs[0]}
    total = round(median(sum(run.values()) for run in runs), 4)
    return {"picture": [width, height], "resolution": resolution, **seconds, "total": total}


def show(rows):
    """Print the rows as a table, one column a picture size."""
    heads = [f"{row['picture'][0]}x{row['picture'][1]} at {row['resolution']}" for row in rows]
    print(f"{'seconds':<16}" + "".join(f"{head:>19}" for head in heads))
    for stage in list(rows[0])[2:]:
        print(f"{stage:<16}" + "".join(f"{row[stage]:>19.3f}" for row in rows))


def hardware(device):
    """Name of what computed."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"{platform.machine()}, {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
