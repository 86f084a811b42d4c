"""Time how long the window stands still from Generate to the mesh of a very large picture.

    python benchmarks/handover.py [--size 8192x6856] [--repeat 3] [--copy]

The steps of one generation on the main thread, as the timer takes them, the evaluation of the mesh
that a window would ask for after each, and the size of the file. An engine answers that computes
nothing. With `--copy` the engine has other pixels than Blender, as of HEIC, so that the picture is
packed too.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.geometry import street  # noqa: E402
from sharpdepth_blender import api  # noqa: E402
from sharpdepth_blender.process.infer_request import InferRequest  # noqa: E402
from sharpdepth_blender.process.job import DepthResult, Job, PictureResult, Progress  # noqa: E402
from sharpdepth_blender.process.wire import to_message  # noqa: E402

_NETWORK = 1024  # pixels along the longer side of what a network answers
RESULT = Path(__file__).with_name("results") / "handover.json"


class Engine:
    """Answers in another thread, as the real one does, with depth that is there already."""

    def __init__(self, depth, rgb):
        self._depth, self._rgb = depth, rgb

    def read_picture(self, path, shown=False):
        """Answer with EXIF data, and pixels where they are others."""
        return self._job(lambda job: PictureResult(False, 28.0, [], self._rgb))

    def infer(self, rgb, **options):
        """Answer with the depth, after the metric one."""
        to_message(InferRequest(rgb, **options))
        return self._job(self._infer)

    def _infer(self, job):
        width, height = self._depth.shape[::-1]
        lens = (0.8 * width, 0.8 * width, width / 2, height / 2)
        metric = self._depth * np.float32(1.1)
        job.report(Progress("encode_picture", 0.2, "", metric, lens))
        time.sleep(1.5)  # for the preview
        return DepthResult(
            self._depth, metric, metric, 1.0, 0.0, lens, {}, {}, [], "preview", "cpu"
        )

    def _job(self, answer):
        job = Job({}, {})
        threading.Thread(target=lambda: job.finish(answer(job))).start()
        return job


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", default="8192x6856")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--copy", action="store_true")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    depth = rough(width, height)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plate.png")
        write_picture(path, width, height)
        other = np.full((height, width, 3), 90, np.uint8) if options.copy else None
        runs = [generate(path, Engine(depth, other), folder) for _ in range(options.repeat)]
    best = {name: round(min(run[name] for run in runs), 1) for name in runs[0]}
    for name, value in best.items():
        print(f"{name:>32}: {value:9.1f}")
    if not options.copy:
        RESULT.write_text(
            json.dumps({"size": options.size, "best, milliseconds": best}, indent=1) + "\n"
        )
    return 0


def rough(width, height):
    """Depth of a network's size with noise, enlarged: it compresses as badly as a real one."""
    share = _NETWORK / max(width, height)
    small = street(max(2, round(width * share)), max(2, round(height * share)))
    noise = np.random.default_rng(0).standard_normal(small.shape, np.float32)
    small = small * (1 + np.float32(0.001) * noise)
    return enlarged(enlarged(small, height).T, width).T.copy()


def enlarged(values, rows):
    """More rows, linear between those there are."""
    at = np.linspace(0, len(values) - 1, rows, dtype=np.float32)
    first = np.minimum(at.astype(int), len(values) - 2)
    share = (at - first)[:, None].astype(np.float32)
    return values[first] * (1 - share) + values[first + 1] * share


def write_picture(path, width, height):
    """A smooth 8-bit picture."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    image = bpy.data.images.new("plate", width, height)
    row = np.linspace(0, 1, width * 4, dtype=np.float32)
    image.pixels.foreach_set(np.tile(row, height))
    image.file_format = "PNG"
    image.save(filepath=path)
    bpy.data.images.remove(image)


def generate(path, engine, folder):
    """Milliseconds of the main thread by what they went to, and the file's megabytes."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    image = bpy.data.images.load(path)
    len(image.pixels)  # the user looks at it already
    milliseconds = {}

    def timed(work, name):
        started = time.perf_counter()
        answer = work()
        took = 1000 * (time.perf_counter() - started)
        name = name if isinstance(name, str) else name()
        milliseconds[name] = max(took, milliseconds.get(name, 0.0))
        return answer

    task = timed(lambda: api.begin_generate(image, engine=engine), "begin (reads the plate)")
    before = None
    while not task.over:

        def name(before=before):
            if task.over:
                return "last step of the handover"
            if task.result is None:
                return "step before the preview"
            return "step after the preview" if before else "step of the preview"

        timed(task.step, name)
        before = task.result
        if before is not None:
            of = "result" if task.over else "preview"
            timed(bpy.context.view_layer.update, f"evaluation of the {of}")
        time.sleep(0.02)
    if task.error:
        raise SystemExit(task.error)
    milliseconds["longest"] = max(milliseconds.values())
    saved = os.path.join(folder, "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=saved, compress=False)
    return milliseconds | {"MB of the .blend": os.path.getsize(saved) / 1e6}


if __name__ == "__main__":
    sys.exit(main())
