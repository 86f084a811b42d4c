"""From a picture to the file with the preview, each time in new processes, against imports alone.

    python benchmarks/cold_start.py [--repeat 5] [--other FOLDER]

The command line, from its start to its end; beside it, in turns, a Python that does nothing but
import PyTorch, which is the floor of anything that uses it, and one that imports the autoencoder,
the U-Net and the pipeline of diffusers, with which others start. `--other` is another checkout of
this repository, whose command line is measured in the same run. Runs in Blender's Python, with the
engine's in SHARPDEPTH_ENGINE.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path(__file__).with_name("results") / "cold_start.json"
PICTURE = ROOT / "docs" / "images" / "beside_demo.jpg"
PARTS = (
    "from diffusers import AutoencoderKL, DDIMScheduler, DiffusionPipeline, UNet2DConditionModel"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--other", type=Path)
    arguments = parser.parse_args()
    engine = Path(os.environ["SHARPDEPTH_ENGINE"]) / "bin" / "python"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "sharpdepth_blender", PICTURE, "-o", f"{folder}/x.blend"]
        works = {
            "picture to file": (command, ROOT),
            "import torch": ([engine, "-c", "import torch"], ROOT),
            "import diffusers' parts": ([engine, "-c", PARTS], ROOT),
        }
        if arguments.other:
            works["picture to file, other checkout"] = (command, arguments.other)
        runs: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
        for _ in range(arguments.repeat + 1):  # the first reads files that are not yet in memory
            for name, work in works.items():
                runs[name].append(timed(*work))
    wall, cpu = (
        {name: median(run[part] for run in each[1:]) for name, each in runs.items()}
        for part in (0, 1)
    )
    for name in works:
        ratio = wall[name] / wall["picture to file"]
        print(f"{name:34} {wall[name]:6.2f} s, of processors {cpu[name]:6.2f} s, {ratio:.2f} times")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({"seconds": wall, "processor seconds": cpu}, indent=1) + "\n")
    return 0


def timed(command, folder) -> tuple[float, float]:
    """Seconds of a command, and those of processors that it and its children took."""
    before, started = used(), time.perf_counter()
    subprocess.run([str(word) for word in command], cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - started, used() - before


def used() -> float:
    """Processor seconds of all children that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    sys.exit(main())
