"""Rig: the empty at the camera's place that holds the layers, and the data stored on it."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TypeGuard
from uuid import uuid4

import bpy

from ...geometry import Intrinsics
from ...geometry.layers import SKY, Cut, LayerSettings, recipe
from ..errors import SceneError
from ..live import LENS
from ..plate_collection import PLATE
from ..result import IDENTITY, is_result, plate_name

# Custom properties of the empty: the cut, and the numbers and images of the result.
_CUT, _NUMBERS = "sharpdepth_layers", "sharpdepth_layers_plate"
_IMAGES = {
    "Depth": "sharpdepth_layers_depth",
    "Metric Depth": "sharpdepth_layers_metric_depth",
    "Picture": "sharpdepth_layers_picture",
}
# Custom properties of the empty: what tells one plate from others, also in another session, and one
# cut of all layers together from others.
_TOKEN, _WHOLE = "sharpdepth_layers_token", "sharpdepth_layers_whole"
# Custom property of the empty: ids of the layers that were given objects, which somebody may have
# deleted since.
_MADE = "sharpdepth_layers_made"
# Custom properties of the empty: the identity of the result, and the name that it had.
_OF, _OF_NAME = "sharpdepth_layers_of", "sharpdepth_layers_of_name"
# Custom properties of a layer: the id of its settings, and its share of the picture's pixels.
NUMBER, SHARE = "sharpdepth_layer", "sharpdepth_layer_share"


class LayersError(SceneError):
    """A result cannot be split into layers, or the layers cannot be changed."""

    kind = "bad_layers"


def is_layers(obj: bpy.types.Object | None) -> TypeGuard[bpy.types.Object]:
    """Whether an object is the empty that holds a result's layers."""
    return obj is not None and _CUT in obj.keys()


def layer_objects(rig: bpy.types.Object) -> list[bpy.types.Object]:
    """The existing layers of a rig in the order of its cut, the sky last."""
    layers = [each for each in rig.children if NUMBER in each.keys()]
    cut = kept_cut(rig).layers if is_layers(rig) else ()
    order = {each.id: index for index, each in enumerate(cut)}
    return sorted(layers, key=lambda each: order.get(each[NUMBER], len(order)))


def meant_layers(context: bpy.types.Context) -> bpy.types.Object | None:
    """The rig that the user means; None if there is none, or it is not clear which.

    The active object or the rig of the active layer, else the only rig of the scene.
    """
    if rig := active_layers(context):
        return rig
    found = [obj for obj in context.scene.objects if is_layers(obj)]
    return found[0] if len(found) == 1 else None


def active_layers(context: bpy.types.Context) -> bpy.types.Object | None:
    """The rig that is active, or of which a layer is; None if there is none."""
    active = context.view_layer.objects.active
    return next((obj for obj in (active, active and active.parent) if is_layers(obj)), None)


def layers_shown_for(
    context: bpy.types.Context, result: bpy.types.Object
) -> bpy.types.Object | None:
    """The active rig, if the result is hidden: changes of the result would show nothing then."""
    hidden = not result.visible_get(view_layer=context.view_layer)
    return active_layers(context) if hidden else None


def keep_plate(
    rig: bpy.types.Object, numbers: Mapping[str, float], images: Mapping[str, bpy.types.Image]
) -> None:
    """Store on a rig what it was split from, so that the result is no longer needed.

    Args:
        rig: Empty that holds the layers.
        numbers: Numeric inputs of the result's modifier, by name.
        images: Image inputs of the result's modifier, by name.
    """
    rig[_NUMBERS] = {name: float(value) for name, value in numbers.items()}
    rig[_TOKEN] = uuid4().hex
    for name, key in _IMAGES.items():
        if images[name] is not None:
            rig[key] = images[name]


def kept_numbers(rig: bpy.types.Object) -> dict[str, float]:
    """The numbers that `keep_plate` stored."""
    return dict(rig[_NUMBERS].items())


def units_of(rig: bpy.types.Object) -> float:
    """Blender units per meter of a rig."""
    return rig[_NUMBERS]["Units per Meter"]


def kept_images(rig: bpy.types.Object, gone: bool = False) -> dict[str, bpy.types.Image]:
    """The images that `keep_plate` stored.

    Args:
        rig: Empty that holds the layers.
        gone: Whether None may stand for one that is gone.

    Raises:
        LayersError: One of them is gone.
    """
    images = {name: rig.get(key) for name, key in _IMAGES.items()}
    if None in images.values() and not gone:
        raise images_gone(rig)
    return images


def layer_mark(rig: bpy.types.Object, cut: Cut, number: int, whole: bool = False) -> str:
    """All that the pictures and the shape of one layer of a rig follow from, as text.

    Args:
        rig: Empty that holds the layers.
        cut: How they are cut.
        number: Id of the layer.
        whole: Whether all are cut together, as `keep_cut` would record it, not as it did.
    """
    together = _digest(cut) if whole else rig.get(_WHOLE)
    return f"{recipe(cut, number)} of {rig.get(_TOKEN)} {together}"


def plate_token(rig: bpy.types.Object) -> str:
    """What tells the plate that a rig was split from from others, also in another session."""
    token: str = rig.get(_TOKEN, "")
    return token


def images_gone(rig: bpy.types.Object) -> LayersError:
    """The error to raise if an image or its file is gone."""
    return LayersError("The picture or the depth of {rig} is gone.", rig=rig.name)


def kept_intrinsics(rig: bpy.types.Object, width: int, height: int) -> Intrinsics:
    """Intrinsics of a rig's picture or depth map of this size."""
    kept = kept_numbers(rig)
    fx, fy, cx, cy = (kept[name] for name in LENS)
    whole = Intrinsics(fx, fy, cx, cy, int(kept["Width"]), int(kept["Height"]))
    return whole.resized(width, height)


def keep_result(rig: bpy.types.Object, result: bpy.types.Object) -> None:
    """Store on a rig which result it was split from, and the name that its layers begin with."""
    rig[_OF], rig[_OF_NAME] = result[IDENTITY], result.name
    rig[PLATE] = plate_name(result)


def keep_made(rig: bpy.types.Object, numbers: Iterable[int]) -> None:
    """Store on a rig which of its layers were given objects, by their ids."""
    rig[_MADE] = sorted(numbers)


def made_layers(rig: bpy.types.Object) -> list[int]:
    """The ids that `keep_made` stored; none in a file of before."""
    return list(rig.get(_MADE, ()))


def deleted_layers(rig: bpy.types.Object, cut: Cut | None = None) -> list[int]:
    """Ids of layers of a rig that somebody has deleted, or taken out of it, in their order.

    Args:
        rig: Empty that holds the layers.
        cut: Of which they are; None for the kept one.
    """
    made = set(made_layers(rig)) - {obj[NUMBER] for obj in layer_objects(rig)}
    layers = (cut or kept_cut(rig)).layers if made else ()
    return [each for each in (*(layer.id for layer in layers), SKY) if each in made]


def rigs_of(scene: bpy.types.Scene, result: bpy.types.Object) -> list[bpy.types.Object]:
    """The rigs of a scene that were split from a result, which may have been renamed since.

    A duplicate of a result has none until it is split itself.
    """
    identity = result.get(IDENTITY)
    if identity is None:
        return []
    twins = {
        obj.name
        for obj in scene.objects
        if obj != result and not is_layers(obj) and obj.get(IDENTITY) == identity
    }
    found = [obj for obj in scene.objects if is_layers(obj) and obj.get(_OF) == identity]
    return [rig for rig in found if rig[_OF_NAME] not in twins]


def result_of(scene: bpy.types.Scene, rig: bpy.types.Object) -> bpy.types.Object | None:
    """The result of a scene that a rig was split from; None where it is gone or not clear."""
    found = [
        obj
        for obj in scene.objects
        if obj.get(IDENTITY) == rig.get(_OF, "") and is_result(obj) and not is_layers(obj)
    ]
    named = [obj for obj in found if obj.name == rig[_OF_NAME]]
    chosen = named if len(found) > 1 else found
    return chosen[0] if chosen else None


def layer_base(rig: bpy.types.Object) -> str:
    """What the proposed names of a rig's layers begin with: the name of the plate."""
    base: str = rig.get(PLATE) or rig.name.partition(" Layers")[0]
    return base


def layer_name(rig: bpy.types.Object, number: int, cut: Cut | None = None) -> str:
    """The proposed name of a layer of a rig, by its place in the order.

    Args:
        rig: Empty that holds the layers.
        number: Id of the layer, or SKY.
        cut: With that layer; None for the kept one.
    """
    base = layer_base(rig)
    if number == SKY:
        return f"{base} sky"
    ids = [each.id for each in (cut or kept_cut(rig)).layers]
    return f"{base} layer {ids.index(number) + 1}"


def keep_cut(rig: bpy.types.Object, cut: Cut, whole: bool = True) -> None:
    """Store how a rig is cut, and whether all its layers are cut together, or some anew."""
    if whole:
        rig[_WHOLE] = _digest(cut)
    rig[_CUT] = {
        "layers": [_as_dict(layer) for layer in cut.layers],
        "sky": _as_dict(cut.sky),
        "near": float(cut.near),
        "move": float(cut.move),
        "next_id": int(cut.next_id),
    }


def kept_cut(rig: bpy.types.Object) -> Cut:
    """The cut that `keep_cut` stored, now or in a file of before layers had settings of their own.

    Raises:
        KeyError: There is none.
    """
    kept = rig[_CUT].to_dict()
    if "thresholds" in kept:
        return Cut.at(
            kept["thresholds"],
            sky=kept["sky"],
            near=kept["near"],
            move=kept["move"],
            kind="CARD" if kept["cards"] else "RELIEF",
            edge=int(kept["edge"]),
        )
    return Cut(
        tuple(LayerSettings(**each) for each in kept["layers"]),
        LayerSettings(**kept["sky"]),
        kept["near"],
        kept["move"],
        kept["next_id"],
    )


def ranges_of(cut: Cut) -> dict[int, tuple[float, float]]:
    """(start, end) meters of each layer of a cut, by its id; the sky has none."""
    return {layer.id: each for layer, each in zip(cut.layers, cut.ranges, strict=True)}


def _digest(cut: Cut) -> str:
    """What tells a cut of all layers together from others; a fill is its own layer's alone."""
    for layer in (*cut.layers, cut.sky):
        cut = cut.with_layer(layer.id, name=None, hidden=False, fill="SMOOTH")
    return f"{zlib.crc32(repr(cut).encode()):08x}"


def _as_dict(layer: LayerSettings) -> dict[str, object]:
    return {key: value for key, value in asdict(layer).items() if value is not None}
