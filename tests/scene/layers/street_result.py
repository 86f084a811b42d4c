import bpy
import numpy as np

from sharpdepth_blender.scene import add_depth_result
from tests.geometry.layers.street import street


def add_result(unit=1.0, name="street"):
    """Add the live result of a small street to the open scene, whose unit is so many meters."""
    scene = bpy.context.scene
    scene.unit_settings.scale_length = unit
    picture, depth, intrinsics = street(96, 54)
    rgb = np.round(255 * picture).astype(np.uint8)
    result = add_depth_result(scene, rgb, depth, depth, intrinsics, name=name)
    bpy.context.view_layer.update()
    return result
