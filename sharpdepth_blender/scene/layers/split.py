"""Split: turning a live result into a set of layers."""

import math
from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Matrix

from ...geometry import valid_depth
from ...geometry.layers import LayerSettings
from ...geometry.thresholds import propose_sky, propose_thresholds
from ..camera_at import camera_at
from ..current_frame import follows_frame
from ..live import LENS, find_modifier
from ..modifier import get_input
from ..transaction import transaction
from .change import change_layers
from .layer_root import LayersError, keep_plate
from .split_source import Plate, read_plate

_NUMBERS = (*LENS, "Units per Meter", "Sharpness", "Depth Scale", "Depth Offset")
# Default camera move, as a share of the nearest layer's depth.
_MOVE = 0.1


def split_result(
    scene: bpy.types.Scene, result: bpy.types.Object, **wishes: object
) -> bpy.types.Object:
    """Split a live result into layers: children of an empty at the camera's place.

    They go to a new collection. The result stays, but is hidden in viewports and renders. If its
    modifier sets Far, everything beyond is the sky; everything nearer than its Near is left out.

    Args:
        scene: Scene of the result.
        result: Live result.
        **wishes: Arguments of `propose_cut`; None for its default.

    Returns:
        The empty.

    Raises:
        LayersError: It is not a live result, or follows the frame; its picture or depth is gone;
            there is no depth; or an argument is outside its range.
    """
    modifier = find_modifier(result)
    if modifier is None:
        raise LayersError("{obj} is no live depth result.", obj=result.name)
    if follows_frame(modifier):
        raise LayersError(
            "{obj} follows the frame, and layers are made of one picture: generate a depth mesh of "
            "the frame that you want.",
            obj=result.name,
        )
    units = get_input(modifier, "Units per Meter")
    numbers = {name: get_input(modifier, name) for name in _NUMBERS}
    numbers["Depth Offset"] /= units
    images = {name: get_input(modifier, name) for name in ("Depth", "Metric Depth", "Picture")}
    if None in images.values():
        raise LayersError("The picture or the depth of {rig} is gone.", rig=result.name)
    numbers["Width"], numbers["Height"] = images["Depth"].size
    numbers["Sight"] = _sight(scene, result.matrix_world) / units
    limits = {"near": get_input(modifier, "Near") / units}
    if (far := get_input(modifier, "Far")) > 0:
        limits["sky"] = far / units
    with transaction() as track:
        name = f"{result.name} Layers"
        collection = track(bpy.data.collections.new(name))
        rig = track(bpy.data.objects.new(name, None))
        rig.matrix_world = result.matrix_world
        rig.empty_display_type = "PLAIN_AXES"
        collection.objects.link(rig)
        keep_plate(rig, numbers, images)
        plate = read_plate(rig)
        try:
            cut = propose_cut(plate, **limits | {k: v for k, v in wishes.items() if v is not None})
        except ValueError as error:
            raise LayersError(
                "{obj} cannot be cut so: {why}", obj=result.name, why=error
            ) from error
        change_layers(rig, cut, plate)
        scene.collection.children.link(collection)
    result.hide_render = True
    for layer in scene.view_layers:
        if result.name in layer.objects:
            result.hide_set(True, view_layer=layer)
    return rig


def propose_cut(
    plate: Plate,
    *,
    count: int = 4,
    thresholds: Sequence[float] | None = None,
    sky: float | None = None,
    near: float = 0.0,
    edge: int = 3,
    move: float | None = None,
    cards: bool = False,
) -> LayerSettings:
    """Propose how to cut a plate into layers.

    Args:
        plate: Plate to cut.
        count: Layers besides the sky, 2 to 8; ignored if thresholds are given.
        thresholds: Ascending meters between layers; None to propose them.
        sky: Meters beyond which everything is sky; 0 if only holes of the depth are, None to
            propose it.
        near: Everything nearer than this is left out, in meters.
        edge: Pixels over which edges fade.
        move: Meters that the camera may move; None for a tenth of the nearest layer's depth.
        cards: Whether layers are flat.

    Returns:
        The cut.

    Raises:
        ValueError: A value is outside its range, or there is no depth.
    """
    depth = plate.depth[valid_depth(plate.depth) & (plate.depth >= near)]
    if sky is None:
        sky = propose_sky(plate.depth)
        if thresholds and sky <= max(thresholds):
            sky = 0.0
    if sky > 0:
        depth = depth[depth <= sky]
    if thresholds is None:
        thresholds = propose_thresholds(depth, count)
    if move is None:
        nearest = depth[depth < min(thresholds)]
        middle = np.median(nearest if nearest.size else min(thresholds))
        move = float(f"{_MOVE * middle:.1g}")
    return LayerSettings(tuple(thresholds), sky, near, edge, move, cards)


def _sight(scene: bpy.types.Scene, matrix: Matrix) -> float:
    """How far the scene's camera sees, in the units of an object with this world matrix."""
    camera = camera_at(scene)
    if camera is None or camera.type != "CAMERA":
        return math.inf
    scale = matrix.to_scale()
    return camera.data.clip_end / max(abs(scale.x), abs(scale.y), abs(scale.z), 1e-9)
