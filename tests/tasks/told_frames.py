"""What shots are tested with: frames that show their number, and an engine that sees it."""

import bpy
import numpy as np

from sharpdepth_blender.process.job import Job, PictureResult
from sharpdepth_blender.scene.sequence import Frames, picture_sequence
from sharpdepth_blender.scene.source import Source
from sharpdepth_blender.tasks.generate_sequence import SequenceGeneration
from tests.scene.sequence.shots import save_png
from tests.tasks.told_engine import answer


class FileEngine:
    """Reads a frame's file, and finds the same lens in each."""

    focal_35mm = None

    def read_picture(self, path, shown=False):
        assert shown
        return done(PictureResult(False, self.focal_35mm, []))


class FrameEngine(FileEngine):
    """Answers at once.

    Args:
        tell: Of a frame's number, what the engine answers: its `depth`, and more of a DepthResult.
        focal: Pixels.
        focal_35mm: What the files say, in millimeters.
    """

    def __init__(self, tell, focal=50.0, focal_35mm=None):
        self._tell, self._focal, self.focal_35mm = tell, focal, focal_35mm

    def infer(self, rgb, **options):
        told = self._tell(int(rgb[0, 0, 0]))
        depth = told["depth"]
        height, width = depth.shape
        lens = (self._focal, self._focal, width / 2, height / 2)
        rest = dict(metric_depth=depth, difference=0 * depth, intrinsics=lens, notes=[])
        return done(answer(**rest | told))


def done(result):
    """A job that has its answer."""
    job = Job({"type": "infer"}, {})
    job.finish(result)
    return job


def save_frames(folder, numbers, width, height):
    """Write a.0001.png and so on, of the gray of their number, beside an empty file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for number in numbers:
        save_png(folder / f"a.{number:04d}.png", np.full((height, width, 3), number, np.uint8))


def frames_in(folder, numbers=None):
    """The frames that `save_frames` wrote, or those of a range, in which some may lack a file."""
    image, found = picture_sequence(folder / "a.####.png")
    return Frames(bpy.context.scene, Source(image), None, numbers or found)


def generate(engine, frames, into, **options):
    """See a shot to its end."""
    work = SequenceGeneration(engine, frames, into, **options)
    while not work.over:
        work.step()
    assert not work.fault, work.fault
    return work
