"""The full-size networks with random weights: seconds, memory, and what half precision loses.

    python benchmarks/full_size.py [--device auto] [--resolution 768] [--repeats 3]

The networks have the shapes of the paper's model (Stable Diffusion 2's U-Net and autoencoder as
Lotus uses them, UniDepth V1 with ViT-L), so time and memory are those of the real ones; what the
random weights answer means nothing. Each precision of the U-Net runs on the same picture, noise and
weights. Prints a table and writes benchmarks/results/full_size-<device>.json.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from statistics import median

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.engine import hardware  # noqa: E402
from sharpdepth_blender.engine import SharpDepth  # noqa: E402
from sharpdepth_blender.engine.device import choose_device  # noqa: E402
from sharpdepth_blender.engine.precision import PRECISIONS  # noqa: E402
from training.full_size import random_estimator, random_pipeline  # noqa: E402

PICTURE = (1080, 1920)  # height, width


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--resolution", type=int, default=768)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--into", type=Path, default=ROOT / "benchmarks" / "results")
    arguments = parser.parse_args()

    device = choose_device(arguments.device)
    torch.manual_seed(0)
    estimator = random_estimator()
    pipeline = random_pipeline().to(device)
    rgb = np.random.default_rng(0).integers(0, 256, (*PICTURE, 3), dtype=np.uint8)
    rows, reference = [], None
    for name in PRECISIONS:
        pipeline.unet.to(PRECISIONS[name])
        row = measure(pipeline, estimator, rgb, arguments.resolution, arguments.repeats)
        answer = second_latent(pipeline, rgb, arguments.resolution)
        reference = answer if reference is None else reference
        spread = float(reference.std())
        row["difference"] = float(np.abs(answer - reference).mean()) / spread
        rows.append({"precision": name, **row})
        show(rows[-1])

    report = {
        "hardware": hardware(device),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "picture": PICTURE[::-1],
        "resolution": arguments.resolution,
        "repeats": arguments.repeats,
        "rows": rows,
    }
    arguments.into.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", report["hardware"].lower())
    path = arguments.into / f"full_size-{name}.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"\n{report['hardware']}, torch {torch.__version__}: {path}")


def measure(pipeline, estimator, rgb, resolution, repeats) -> dict:
    """Median seconds and peak bytes of each stage, after one run that is not counted."""
    engine = SharpDepth("full size", pipeline, lambda: estimator)
    engine.processing_resolution = resolution
    runs = [engine.infer(rgb) for _ in range(repeats + 1)][1:]
    stages = runs[0].seconds
    return {
        "seconds": {name: round(median(run.seconds[name] for run in runs), 4) for name in stages},
        "total": round(median(sum(run.seconds.values()) for run in runs), 4),
        "memory": {name: max(run.memory[name] for run in runs) for name in stages},
        "notes": runs[-1].notes,
    }


def second_latent(pipeline, rgb, resolution) -> np.ndarray:
    """What the second look answers, for a ramp of metric depth and the same noise every time."""
    ramp = np.broadcast_to(np.linspace(2, 20, rgb.shape[0], dtype=np.float32)[:, None], PICTURE)
    generator = torch.Generator().manual_seed(0)
    output = pipeline(rgb, ramp, resolution, generator=generator, intermediates=True)
    return output.intermediates["pred_latent"]


def show(row):
    """Print one precision."""
    print(f"\n{row['precision']}: {row['total']:.2f} s, difference {row['difference']:.2e} of std")
    for stage, seconds in row["seconds"].items():
        print(f"  {stage:<16}{seconds:>9.3f} s{row['memory'][stage] / 2**30:>9.2f} GiB")


if __name__ == "__main__":
    main()
