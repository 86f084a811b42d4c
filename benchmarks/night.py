"""A night's queue: a hundred pictures begun at once, with some of them canceled on the way.

    python benchmarks/night.py [--pictures 100] [--model preview]

Small pictures wait for one child, as after a hundred presses of *Generate*. Every third is
canceled: while it waits, while the engine works on it, or when its preview stands. Tells what is
left of those in the file and in the temporary folder, how many processes there were, and the
resident memory of Blender and the child after a tenth of the rest, after all, and when the results
are removed from the file and free memory is given back: what they took is no leak. Writes
benchmarks/results/night.json.
"""

import argparse
import ctypes
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import sharpdepth_blender  # noqa: E402
from benchmarks.soak import state  # noqa: E402
from sharpdepth_blender import api  # noqa: E402
from sharpdepth_blender.geometry import png_content  # noqa: E402
from sharpdepth_blender.process import Engine  # noqa: E402
from sharpdepth_blender.scene import blank_scene  # noqa: E402
from sharpdepth_blender.tasks import queue  # noqa: E402
from sharpdepth_blender.tasks.generate import Generation  # noqa: E402

RESULT = Path(__file__).with_name("results") / "night.json"
SIZE = 96, 64
MOMENTS: dict[str, Callable[[Generation], bool]] = {
    "waiting": lambda task: True,
    "working": lambda task: task.fraction > 0,
    "previewed": lambda task: task.result is not None,
}


@dataclass
class Night:
    """What came of it.

    Attributes:
        made: Stems of the pictures that have a result.
        canceled: How many were canceled at each of the moments.
        errors: Sentences.
        pids: Of all children.
        memory: After how many results, and megabytes of Blender and of the child then.
        left: Names of data-blocks of the canceled ones.
    """

    made: list[str] = field(default_factory=list)
    canceled: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MOMENTS, 0))
    errors: list[str] = field(default_factory=list)
    pids: set[int] = field(default_factory=set)
    memory: list[dict[str, str | int]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def spend(pictures: Sequence[Path], engine: Engine, model: str, resolution: int) -> Night:
    """Generate all pictures in an empty scene, and cancel every third."""
    blank_scene()
    night, tasks, wanted = Night(), {}, {}
    for index, path in enumerate(pictures):
        task = api.begin_generate(path, engine=engine, model=model, resolution=resolution)
        tasks[path.stem] = task
        if index % 3 == 1:
            wanted[path.stem] = [*MOMENTS][index // 3 % len(MOMENTS)]
        queue.start(task)
    counted = [len(pictures) // 15, len(pictures) - len(wanted)]
    while queue.running():
        for stem, moment in [*wanted.items()]:
            if MOMENTS[moment](tasks[stem]) and not tasks[stem].over:
                queue.cancel(tasks[stem])
                night.canceled[moment] += 1
                del wanted[stem]
        queue._step()  # of the timer, which has no window to run in
        night.pids |= {engine.pid} - {None}
        made = sum(task.over and task.result is not None for task in tasks.values())
        if counted and made >= counted[0]:
            night.memory.append({"after": f"{counted.pop(0)} results", **memory(engine)})
        time.sleep(0.005)
    night.made = [stem for stem, task in tasks.items() if task.result is not None]
    night.errors = [task.error for task in tasks.values() if task.error]
    gone = tasks.keys() - set(night.made)
    night.left = [name for name in names() if any(stem in name for stem in gone)]
    return night


def memory(engine: Engine) -> dict[str, int]:
    """Resident megabytes of Blender and of the child."""
    folder = Path(tempfile.gettempdir())
    pids = {"Blender": os.getpid(), "child": engine.pid}
    return {process: state(pid, folder)["megabytes"] for process, pid in pids.items()}


def names() -> list[str]:
    """Names of everything in the open file."""
    kinds = [getattr(bpy.data, kind) for kind in dir(bpy.data)]
    return [
        block.name
        for kind in kinds
        if isinstance(kind, bpy.types.bpy_prop_collection)
        for block in kind
    ]


def draw(count: int, folder: Path) -> list[Path]:
    """Write pictures of different slopes and noise."""
    paths = []
    for number in range(count):
        rng = np.random.default_rng(number)
        slope = np.linspace(*rng.uniform(0, 255, 2), SIZE[1])[:, None, None]
        rgb = np.clip(slope + rng.normal(0, 20, (SIZE[1], SIZE[0], 3)), 0, 255).astype(np.uint8)
        paths.append(folder / f"plate{number:03d}.png")
        paths[-1].write_bytes(b"".join(png_content(rgb)))
    return paths


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--model", default="preview")
    given = parser.parse_args()
    sharpdepth_blender.register()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as temporary:
        pictures = draw(given.pictures, Path(folder))
        tempfile.tempdir = temporary
        started = time.monotonic()
        with Engine() as engine:
            night = spend(pictures, engine, given.model, 64)
            seconds = time.monotonic() - started
            blank_scene()
            gc.collect()
            ctypes.CDLL("libc.so.6").malloc_trim(0)
            night.memory.append({"after": "all are removed", **memory(engine)})
        report = {
            "pictures": len(pictures),
            "results": len(night.made),
            "canceled": night.canceled,
            "errors": night.errors,
            "children": len(night.pids),
            "megabytes after": night.memory,
            "left in the file": night.left,
            "left in the temporary folder": os.listdir(temporary),
            "seconds": round(seconds),
        }
        tempfile.tempdir = None
    for name, value in report.items():
        print(f"{name}: {value}")
    RESULT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
