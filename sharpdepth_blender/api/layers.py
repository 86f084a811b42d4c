"""Layers: a result as layers before which a camera may move, and each of them."""

from typing import Any, Literal

import bpy

from ..geometry.layers import Proposal
from ..scene import SceneError, only_result
from ..scene.layers import (
    NUMBER,
    LayerMask,
    is_layer,
    keep_reasons,
    layers_cut,
    mask_of,
    part_layer,
    proposed_kinds,
    read_plate,
    reorder_layer,
    set_mask,
    split_result,
    with_kinds,
)
from ..scene.layers import merge_layer as join_layer
from ..scene.layers import restore_layers as make_again
from ..scene.layers import set_layer as change_layer
from ..scene.linked import check_local
from ..tasks import layer_update
from .script import current_scene


def split_layers(
    result: bpy.types.Object | None = None,
    scene: bpy.types.Scene | None = None,
    *,
    keep_both: bool = False,
    **wishes: Any,
) -> bpy.types.Object:
    """Split a live result into layers, each continued behind those before it.

    Layers that it was split into before are cut anew, with what was painted over them and with all
    their settings that are not given. If somebody shaped one of them, they stay, another set is
    made, and `scene.layers.layers_note` says so.

    Args:
        result: Live result; None for the only one of the scene. It is hidden.
        scene: Its scene; None for the current one.
        keep_both: Whether to leave such layers in any case, and add another set.
        **wishes: Of `scene.layers.propose_cut`: count, thresholds, sky, near, edge, move, kind; the
            kind `PROPOSED` gives each layer the shape that suits it.

    Returns:
        The empty that the layers hang on, in a collection of their own.

    Raises:
        SceneError: It is no live result, or cannot be split.
    """
    scene = scene or current_scene()
    check_local(scene)
    rig = split_result(scene, result or only_result(scene, live=True), keep_both, **wishes)
    layer_update.fill_texture(rig)
    return rig


def split_layer(
    layer: bpy.types.Object, at: float | Literal["VALLEY", "HALVES"] = "VALLEY"
) -> bpy.types.Object:
    """Split one layer in two; no other layer is touched.

    Args:
        layer: Its object, which keeps the nearer part.
        at: Depth in meters; `VALLEY` for the best gap between its things, or else its middle;
            `HALVES` for as many pixels on either side.

    Returns:
        The object of the farther part.

    Raises:
        SceneError: It is no layer, or does not reach across that depth.
    """
    return part_layer(layer, at)


def merge_layer(layer: bpy.types.Object) -> None:
    """Join one layer with the one behind it; no other layer is touched.

    The object of the one behind is removed; a clean plate of it stays in the file.

    Args:
        layer: Its object.

    Raises:
        SceneError: It is no layer, or there is none behind it that meets it in depth.
    """
    join_layer(layer)


def move_layer(layer: bpy.types.Object, step: int) -> None:
    """Move one layer in the order, in which each is before those that follow.

    What is moved behind something farther is pushed back along the rays of the picture's camera.

    Args:
        layer: Its object.
        step: Places toward the back; negative toward the camera.

    Raises:
        SceneError: It is no layer, or there is no such place.
    """
    reorder_layer(layer, step)


def restore_layers(rig: bpy.types.Object) -> list[bpy.types.Object]:
    """Make the layers of a set again that somebody has deleted; no other layer is touched.

    Args:
        rig: The empty that the layers hang on.

    Returns:
        Their objects.

    Raises:
        SceneError: The picture or the depth is gone, or the layers cannot be changed.
    """
    return make_again(rig)


def set_layer(layer: bpy.types.Object, **settings: Any) -> None:
    """Change settings of one layer; no other layer is touched.

    Args:
        layer: Its object.
        **settings: name (None for a proposed one); kind, one of `geometry.layers.KINDS`; edge,
            choke and extension in pixels; hidden.

    Raises:
        SceneError: It is no layer, or a value is outside its range.
    """
    change_layer(layer, **settings)


def propose_kinds(rig: bpy.types.Object) -> list[Proposal]:
    """Give each layer of a set the shape that suits it.

    Args:
        rig: The empty that the layers hang on.

    Returns:
        For each layer, the sky's last, its `id`, its `kind` and the `reason`.

    Raises:
        SceneError: The picture or the depth is gone, or the layers cannot be changed.
    """
    check_local(rig)
    plate, cut = read_plate(rig), layers_cut(rig)
    proposals = proposed_kinds(rig, plate, cut)
    layer_update.update_layers(rig, with_kinds(cut, proposals))
    keep_reasons(rig, proposals)
    return proposals


def set_layer_mask(layer: bpy.types.Object, mask: LayerMask | None) -> None:
    """Tell by hand which pixels belong to a layer, whatever their depth, and cut it so.

    Args:
        layer: One of `split_layers`.
        mask: `LayerMask("PAINTED", image)`, `LayerMask("DRAWN", mask)` or
            `LayerMask("FILE", path=..., names=...)`, names of a cryptomatte; `adds=True` leaves
            what it does not claim to depth. None leaves all to depth again.

    Raises:
        SceneError: It is no layer, the mask is gone, or has other proportions than the picture.
    """
    rig = layer.parent
    if rig is None or not is_layer(layer):
        raise SceneError("{obj} is no layer of a picture.", obj=layer.name)
    number = layer[NUMBER]
    before = mask_of(rig, number)
    set_mask(rig, number, mask)
    layer_update.follow_masks(rig)
    if why := layer_update.error(rig):
        set_mask(rig, number, before)
        raise SceneError("{why}", why=why)
