"""Frames a minute of a shot against the same frames one by one, and memory over a long shot.

    python benchmarks/long_shot.py [--frames 6] [--size 960 540] [--long 1000] [--model preview]

As a shot, the engine works on a frame while the one before is written and the next one read; one by
one, each frame is a call of its own, that ends with its files. Both in turns, and not steadied,
which is the same. The networks' input is small, so that they do not take nearly all the time on
CPUs. How long the engine has nothing to do between two frames is what the first saves, where not
all processors are busy. Then a long shot of small frames: the resident memory of Blender and of the
child after fifty frames and at the end, steadied. Prints both and writes
benchmarks/results/long_shot.json.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.soak import WARM, state  # noqa: E402
from sharpdepth_blender.process import Engine  # noqa: E402
from sharpdepth_blender.scene import blank_scene  # noqa: E402
from sharpdepth_blender.scene.sequence import Frames, picture_sequence  # noqa: E402
from sharpdepth_blender.scene.source import Source  # noqa: E402
from sharpdepth_blender.tasks.generate_sequence import SequenceGeneration  # noqa: E402
from tests.scene.sequence.shots import save_png  # noqa: E402
from training.scenes.demo import render_demo  # noqa: E402

RESULT = Path(__file__).with_name("results") / "long_shot.json"
REPEAT, RESOLUTION = 2, 256
SMALL = 64, 48  # pixels of a frame of the long shot, and of the networks' input


class TimedEngine(Engine):
    """Notes how long it had nothing to do between two jobs.

    Attributes:
        idle: Seconds.
    """

    idle = 0.0
    _ended: float | None = None

    def infer(self, rgb, **options):
        """Ask, and note when it ends."""
        if not self.busy and self._ended is not None:
            self.idle += time.perf_counter() - self._ended
        job = super().infer(rgb, **options)
        finish = job.finish

        def finish_and_note(outcome):
            self._ended = time.perf_counter()
            finish(outcome)

        job.finish = finish_and_note
        return job


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--frames", type=int, default=6)
    parser.add_argument("--size", type=int, nargs=2, default=(960, 540))
    parser.add_argument("--long", type=int, default=1000)
    parser.add_argument("--model", default="preview")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, TimedEngine() as engine:
        folder = Path(name)
        paces, idle = pace(engine, folder, given)
        memory = long_shot(engine, folder, given)
    report = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "model": given.model,
        "size": given.size,
        "frames a minute": paces,
        "milliseconds a frame that the engine waits": idle,
        "long shot": memory,
    }
    RESULT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def pace(engine: TimedEngine, folder: Path, given) -> tuple[dict[str, float], dict[str, float]]:
    """Frames a minute, and how long the engine waits between two, at the best of each way."""
    rgb = render_demo(folder / "plate.png", *given.size, samples=4).rgb
    # The first loads the model, and without the last nothing is steadied.
    frames = moving(rgb, given.frames + 2, folder / "pictures")
    first, *numbers = frames.numbers[:-1]
    ways = {"as a shot": [numbers], "one by one": [[each] for each in numbers]}
    best, idle = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, float("inf"))
    for turn in range(REPEAT):
        for way, pieces in ways.items():
            into = folder / f"{way} {turn}"
            make(engine, frames, into, given.model, [first])
            started, engine.idle = time.perf_counter(), 0.0
            for piece in pieces:
                make(engine, frames, into, given.model, piece)
            rate = 60 * len(numbers) / (time.perf_counter() - started)
            best[way] = max(best[way], rate)
            idle[way] = min(idle[way], 1000 * engine.idle / len(numbers))
    for way, rate in best.items():
        print(f"{way:12} {rate:7.2f} frames a minute, {idle[way]:6.1f} ms without work", flush=True)
    return best, idle


def long_shot(engine: Engine, folder: Path, given) -> list[dict]:
    """Memory of both processes after some frames."""
    rgb = np.random.default_rng(0).integers(0, 256, (*SMALL[::-1], 3), dtype=np.uint8)
    frames = moving(rgb, given.long, folder / "many")
    rows = []

    def note(after):
        rows.append({"after": after, "Blender": resident(os.getpid(), folder),
                     "child": resident(engine.pid, folder)})  # fmt: skip
        print(", ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)

    work = SequenceGeneration(
        engine, frames, folder / "long", model=given.model, resolution=max(SMALL)
    )
    while not work.over:
        before = work.made
        work.step()
        if work.made > before and work.made in (WARM, given.long // 2, given.long):
            note(f"{work.made} frames")
        if work.waiting:
            time.sleep(0.002)
    if work.fault:
        raise work.fault
    note("steadying")
    return rows


def resident(pid: int, folder: Path) -> int:
    """Megabytes of a process."""
    return state(pid, folder)["megabytes"]


def moving(rgb: np.ndarray, count: int, folder: Path) -> Frames:
    """A shot of a picture that moves by a few pixels, (H, W, 3) uint8, in an empty scene."""
    folder.mkdir()
    for number in range(1, count + 1):
        save_png(folder / f"a.{number:04d}.png", np.roll(rgb, 3 * number, 1))
    blank_scene()
    image, numbers = picture_sequence(folder / "a.####.png")
    return Frames(bpy.context.scene, Source(image), None, numbers, fov=60)


def make(engine: Engine, frames: Frames, into: Path, model: str, chunk: list[int]):
    """Make some frames, not slower than a window does."""
    work = SequenceGeneration(engine, frames, into, model=model, resolution=RESOLUTION, chunk=chunk)
    while not work.over:
        work.step()
        if work.waiting:
            time.sleep(0.01)
    if work.fault:
        raise work.fault


if __name__ == "__main__":
    sys.exit(main())
