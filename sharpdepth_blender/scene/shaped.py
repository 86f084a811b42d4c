"""Shaped: how a result's depth was shaped, which a baked result keeps for its exports."""

from collections.abc import Mapping

import bpy

from ..geometry import DepthRemap, Intrinsics
from .current_frame import file_now
from .live import LENS, find_modifier, live_intrinsics
from .modifier import get_input
from .picture import image_size
from .result_marks import DEPTH, NORMALS

# Custom property of a baked result: the inputs of the modifier that it had, by name, and the files
# of the frame that it shows.
SHAPED = "sharpdepth_shaped"
# The inputs that scale with the result: lengths in Blender units, and the factor of the depth. In
# some, 0 means none, and stays 0.
SIZES = ("Depth Scale", "Depth Offset", "Near", "Far", "Backdrop")
_NAMES = (*SIZES, "Sharpness", "Units per Meter", *LENS)


def shaping_inputs(modifier: bpy.types.NodesModifier) -> dict[str, float]:
    """The inputs of a live modifier that decide where each sample lies, by name."""
    return {name: get_input(modifier, name) for name in _NAMES}


def shaping_by(given: Mapping[str, float]) -> DepthRemap:
    """Make a DepthRemap from the inputs that `shaping_inputs` returns."""
    names = ("Sharpness", *SIZES, "Units per Meter")
    return DepthRemap(*(given[name] for name in names))


def keep_shaping(obj: bpy.types.Object, modifier: bpy.types.NodesModifier) -> None:
    """Keep a modifier's shaping and files with its object before the modifier is removed."""
    obj[SHAPED] = shaping_inputs(modifier)
    images = {name: get_input(modifier, name) for name in ("Depth", "Metric Depth", "Picture")}
    for name, image in {**images, "Normals": obj.get(NORMALS)}.items():
        if image is not None and image.source == "SEQUENCE":
            obj[SHAPED][f"{name} File"] = file_now(modifier, image)


def picture_intrinsics(obj: bpy.types.Object) -> Intrinsics | None:
    """Intrinsics of a result's picture at the current frame, live or baked; None if not known.

    They are of the picture's own size, or of the depth's where the picture is gone; of a panorama
    those of `panorama_lens`.
    """
    modifier = find_modifier(obj)
    if modifier is not None:
        found = live_intrinsics(modifier)
        picture = get_input(modifier, "Picture")
        size = image_size(picture) if picture is not None else (0, 0)
        return found.resized(*size) if found is not None and all(size) else found
    kept, depth = obj.get(SHAPED), obj.get(DEPTH)
    if kept is None or depth is None or not all(image_size(depth)):
        return None
    fx, fy, cx, cy = (float(kept[name]) for name in LENS)
    return Intrinsics(fx, fy, cx, cy, *image_size(depth))


def scale_shaping(obj: bpy.types.Object, factor: float) -> None:
    """Scale the lengths that a baked result keeps."""
    if SHAPED in obj.keys():
        for name in SIZES:
            obj[SHAPED][name] *= factor
