"""Under: whether a result still lies under its picture as the camera shows it."""

import math

import bpy

from .errors import CameraError
from .live import find_modifier
from .modifier import get_input
from .result_marks import is_panoramic
from .shaped import picture_intrinsics
from .shot import view_through
from .source import background_of
from .taken import SOURCE, seen_by

# Pixels of the picture.
_OFF = 0.05


def lies_under_picture(scene: bpy.types.Scene, obj: bpy.types.Object) -> bool | None:
    """Whether a result was made with the very lens by which its camera shows the picture now.

    It is not where the frame has changed its proportions, or the background its place.

    Returns:
        None where the camera does not show the picture, or is not known.
    """
    camera, intrinsics = seen_by(obj), picture_intrinsics(obj)
    if camera is None or intrinsics is None or is_panoramic(obj):
        return None
    backgrounds = [background_of(camera, image) for image in _pictures_of(obj)]
    background = next((each for each in backgrounds if each is not None), None)
    if background is None:
        return None
    width, height = intrinsics.width, intrinsics.height
    aspect = intrinsics.fx / intrinsics.fy
    try:
        found = view_through(scene, camera, background, width, height, aspect).intrinsics
    except CameraError:
        return None
    # Where the corners of the picture are seen, of which the outermost moves the farthest.
    corners = [
        abs((corner - getattr(found, c)) * getattr(intrinsics, f) / getattr(found, f)
            - (corner - getattr(intrinsics, c)))
        for f, c, side in (("fx", "cx", width), ("fy", "cy", height))
        for corner in (0.0, float(side))
    ]  # fmt: skip
    return math.isfinite(sum(corners)) and max(corners) < _OFF


def _pictures_of(obj: bpy.types.Object) -> list[bpy.types.Image]:
    """The images that may be a result's picture behind its camera, the likeliest first."""
    modifier = find_modifier(obj)
    found = [get_input(modifier, "Picture")] if modifier else []
    for slot in obj.material_slots:  # of a baked one
        if slot.material and slot.material.node_tree:
            nodes = slot.material.node_tree.nodes
            found += [
                node.image for node in nodes if isinstance(node, bpy.types.ShaderNodeTexImage)
            ]
    found.append(obj.get(SOURCE))
    return [each for each in found if isinstance(each, bpy.types.Image)]
