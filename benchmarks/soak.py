"""What a child keeps of many small jobs: memory, open files and temporary files.

    python benchmarks/soak.py [--jobs 500] [--model preview]

One child reads and infers pictures of changing sizes, at changing resolutions, and every tenth job
is canceled. Memory is the child's resident set after a job, garbage included; what counts is that
after the last job against that after the fiftieth. Prints a table and writes
benchmarks/results/soak.json.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.memory import kilobytes  # noqa: E402
from sharpdepth_blender.process import Engine, JobError  # noqa: E402

RESULT = Path(__file__).with_name("results") / "soak.json"
WARM = 50  # jobs after which memory ought to have settled
SIDES = 24, 320  # pixels, of a picture
RESOLUTIONS = 32, 192  # pixels, of the networks' input


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--model", default="preview")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        report = soak(given.jobs, given.model, Path(folder))
        report["files left by the child"] = len(list(Path(folder).iterdir()))
        tempfile.tempdir = None
    report["machine"] = f"{platform.machine()}, {os.cpu_count()} cores"
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    rows = {row["jobs"]: row for row in report["rows"]}
    ratio = rows[given.jobs]["megabytes"] / rows[min(WARM, given.jobs)]["megabytes"]
    print(f"memory after {given.jobs} jobs: {ratio:.3f} of that after {WARM}")
    return 0


def soak(jobs: int, model: str, folder: Path) -> dict:
    """Do the jobs; a row of what there is every fifty."""
    rng = np.random.default_rng(0)
    rows, canceled, begun = [], 0, time.monotonic()
    with Engine() as engine:
        for number in range(1, jobs + 1):
            width, height = rng.integers(*SIDES, 2, endpoint=True).tolist()
            rgb = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
            resolution = int(rng.integers(*RESOLUTIONS, endpoint=True))
            job = engine.infer(rgb, model=model, resolution=resolution)
            if number % 10 == 0:
                job.cancel()
            try:
                job.wait()
            except JobError as error:
                if error.kind != "cancelled":
                    raise
                canceled += 1
            if number % WARM == 0 or number == jobs:
                rows.append({"jobs": number, **state(engine.pid, folder)})
                print(*(f"{name} {value}" for name, value in rows[-1].items()), sep=", ")
        seconds = time.monotonic() - begun
    return {"model": model, "canceled": canceled, "seconds": round(seconds), "rows": rows}


def state(pid: int, folder: Path) -> dict:
    """Of the child: resident megabytes, open files, and files below the temporary folder."""
    return {
        "megabytes": kilobytes("VmRSS", pid) >> 10,
        "open files": len(os.listdir(f"/proc/{pid}/fd")),
        "temporary files": sum(path.is_file() for path in folder.rglob("*")),
    }


if __name__ == "__main__":
    sys.exit(main())
