"""What generations are tested with: an engine whose every word the test says."""

import bpy
import numpy as np
from mathutils import Matrix

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.process.job import DepthResult, Job, Progress
from sharpdepth_blender.scene.shot import Shot

WIDTH, HEIGHT = 60, 40
CAMERA = Intrinsics(50, 50, 30, 20, WIDTH, HEIGHT)
MATRIX = Matrix.LocRotScale((1, 2, 3), Matrix.Rotation(0.4, 3, "X"), (1, 1, 1))


class Engine:
    """Keeps the jobs that it is given."""

    def __init__(self):
        self.jobs = []

    def infer(self, rgb, **options):
        return self._job({"type": "infer", "rgb": rgb, **options})

    def read_picture(self, path, shown=False):
        return self._job({"type": "picture", "path": path, "shown": shown})

    def _job(self, request):
        self.jobs.append(Job(request, {}))
        return self.jobs[-1]


def shot(**changes):
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    values = dict(
        name="Plate", rgb=rgb, texture=None, path=None, pixel_aspect=1.0, intrinsics=CAMERA,
        matrix=MATRIX, notes=("Noted before.",),
    )  # fmt: skip
    return Shot(**(values | changes))


def depths(seed=0):
    """A wall that recedes to the right, another one by each seed: a surface without a tear."""
    near, far = np.random.default_rng(seed).uniform(2, 3, 2)
    row = np.linspace(near, far, WIDTH, dtype=np.float32)
    metric = np.broadcast_to(row, (HEIGHT, WIDTH)).copy()
    return metric * np.float32(1.1), metric


def answer(**changes):
    depth, metric = depths()
    values = dict(
        depth=depth, metric_depth=metric, difference=np.zeros_like(depth), scale=2.0, shift=-0.5,
        intrinsics=(50, 50, 30, 20), seconds={}, memory={}, notes=["Noted by the engine."],
        model="preview", device="cpu",
    )  # fmt: skip
    return DepthResult(**(values | changes))


def early(intrinsics=(50, 50, 30, 20)):
    return Progress("encode_picture", 0.2, "Encoding the picture", depths()[1], intrinsics)


def everything():
    """All datablocks of the file but the node groups, which are made before they are needed."""
    kinds = ("objects", "meshes", "images", "materials", "cameras", "scenes", "collections")
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}


def vertices(name):
    depsgraph = bpy.context.evaluated_depsgraph_get()
    return len(bpy.data.objects[name].evaluated_get(depsgraph).data.vertices)
