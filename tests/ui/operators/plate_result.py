import bpy
import numpy as np

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import add_depth_result

WIDTH, HEIGHT = 64, 48


def add(scene, name="Plate", lens=None, **options):
    """Add a result of its own camera, or of the one that the options name."""
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    depth = np.full((HEIGHT, WIDTH), 3, np.float32)
    lens = lens or Intrinsics.from_fov(60, WIDTH, HEIGHT)
    obj = add_depth_result(scene, rgb, depth, depth, lens, name=name, **options)
    bpy.context.view_layer.update()
    return obj
