"""Splats: results and layers as 3D Gaussians, for viewers of radiance fields."""

import os
from collections.abc import Sequence

import bpy
import numpy as np

from ...geometry.splats import moved_splats, splats_of, write_splats
from ..errors import SaveError
from ..exr_layout import LayoutError
from .layer_picture import layer_rgb, shows_layer
from .path import y_up
from .pictures import srgb_picture
from .sheet import Sheet, sheets_of

# From y up and z to the viewer, and back.
_TURNED = np.diag([1.0, -1.0, -1.0, 1.0])


def export_splats(
    path: str | os.PathLike[str],
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object] = (),
) -> list[str]:
    """Write a Gaussian for every pixel of results and layers, in meters.

    The world's axes are those of scenes that were solved from photographs (COLMAP), which viewers
    expect: x right, y down, and z, which is Blender's y, forward. Colors are sRGB, as the picture
    is seen.

    Args:
        path: File to write, ending in .splat.ply.
        scene: Of the objects, at its current frame.
        objects: Results and layers.
        cameras: Not in the file.

    Returns:
        Phrases about what the file does not hold.

    Raises:
        SceneError: There is no result or layer.
        SaveError: The file cannot be written.
    """
    try:
        sheets = sheets_of(scene, objects)
        parts = []
        for sheet in sheets:
            rgb = _rgb(scene, sheet)
            found = splats_of(sheet.depth, rgb, sheet.light[..., 3], sheet.intrinsics)
            parts.append(moved_splats(found, _TURNED @ np.array(y_up(sheet.matrix)) @ _TURNED))
        write_splats(path, parts)
    except (OSError, RuntimeError, LayoutError) as error:
        raise SaveError.of(path, error) from error
    others = {obj.name for obj in objects} - {sheet.obj.name for sheet in sheets}
    return [f"{', '.join(sorted(others))}, for lack of a picture"] if others else []


def _rgb(scene: bpy.types.Scene, sheet: Sheet) -> np.ndarray:
    if shows_layer(sheet.obj):
        return layer_rgb(scene, sheet.obj)
    picture = srgb_picture(scene, sheet.obj)
    assert picture is not None  # else it would be no sheet
    return picture
