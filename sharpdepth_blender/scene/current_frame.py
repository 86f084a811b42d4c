"""Current frame: what a live result shows at it, and freezing a result there."""

import os

import bpy
import numpy as np

from .errors import SceneError
from .exr import read_depth_exr
from .modifier import get_input
from .picture import file_values, has_pixels, image_values
from .plates.frames import still
from .plates.numbering import numbered
from .result_marks import NORMALS

# Custom property of our actions, which animate nothing but the camera's place and lens.
CAMERA_ACTION = "sharpdepth_camera_action"


def depth_now(modifier: bpy.types.NodesModifier, name: str) -> np.ndarray | None:
    """Read one of a live result's depth maps at the current frame.

    Args:
        modifier: Live modifier.
        name: `Depth` or `Metric Depth`.

    Returns:
        (H, W) float32 meters; None if the image is gone.

    Raises:
        DepthFileError: The frame's file is missing or broken.
    """
    image = get_input(modifier, name)
    if image is None or image.source != "SEQUENCE":
        return None if image is None else np.ascontiguousarray(image_values(image)[..., 0])
    return read_depth_exr(_file(image, _number(modifier)))


def picture_now(modifier: bpy.types.NodesModifier) -> np.ndarray:
    """Read a live result's picture at the current frame, as (H, W, channels) float32.

    Raises:
        SceneError: The picture or the frame's file is gone.
    """
    image = get_input(modifier, "Picture")
    if image is None:
        raise SceneError("The picture of {obj} is gone.", obj=modifier.id_data.name)
    if image.source != "SEQUENCE":
        return image_values(image)
    with still(_file(image, _number(modifier)), image) as (shown, _):
        return image_values(shown)


def normals_now(obj: bpy.types.Object, modifier: bpy.types.NodesModifier) -> np.ndarray | None:
    """Read the normals that a model gave of a live result at the current frame, (H, W, 3) float32.

    Returns:
        As of `maps_of`; None where it gave none, or the image is gone.
    """
    image = obj.get(NORMALS)
    if image is None or image.source != "SEQUENCE":
        return None if image is None or not has_pixels(image) else image_values(image)[..., :3]
    return file_values(_file(image, _number(modifier)))[..., :3]


def file_now(modifier: bpy.types.NodesModifier, image: bpy.types.Image) -> str:
    """The file of an image sequence that a live result shows at the current frame."""
    return _file(image, _number(modifier))


def follows_frame(modifier: bpy.types.NodesModifier) -> bool:
    """Whether a live result shows an image sequence."""
    image = get_input(modifier, "Depth")
    return image is not None and image.source == "SEQUENCE"


def freeze_frame(obj: bpy.types.Object, modifier: bpy.types.NodesModifier) -> None:
    """Keep an object of a sequence as it is at the current frame, at every frame.

    Args:
        obj: Object of a sequence.
        modifier: Its live modifier.
    """
    shown = _number(modifier)
    animation = obj.animation_data
    if animation and animation.action and animation.action.get(CAMERA_ACTION):
        matrix, action = obj.matrix_world.copy(), animation.action
        animation.action = None
        obj.matrix_world = matrix
        if action.users == 0:
            bpy.data.actions.remove(action)
    material = get_input(modifier, "Material")
    for node in material.node_tree.nodes if material and material.node_tree else ():
        if node.type == "TEX_IMAGE" and node.image == get_input(modifier, "Picture"):
            node.image_user.frame_duration = 1
            node.image_user.frame_offset = shown - 1


def _number(modifier: bpy.types.NodesModifier) -> int:
    """The number of the files that are shown at the current frame."""
    first, last = (get_input(modifier, f"{which} Frame") for which in ("First", "Last"))
    try:
        files = get_input(modifier, "First File")
    except KeyError:  # of an earlier version, whose files had the numbers of their frames
        files = first
    return min(max(bpy.context.scene.frame_current, first), last) - first + files


def _file(image: bpy.types.Image, number: int) -> str:
    path = os.path.abspath(bpy.path.abspath(image.filepath, library=image.library))
    return numbered(path, number)
