"""Layer object: the object of one layer."""

from collections.abc import Sequence
from dataclasses import replace

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import SKY, Layer
from ..live import add_modifier, find_modifier, lens_inputs
from ..modifier import set_input
from ..picture import has_pixels, image_size, image_values, is_changed, mark_pixels
from ..transaction import Track
from .layer_root import NUMBER, SHARE
from .material import layer_material, place_picture
from .pictures import fill_color, fill_depth

_COLOR, _DEPTH = "sharpdepth_layer_color", "sharpdepth_layer_depth"
# Custom properties of its picture: what it shows, and where that stands: the plate's corner in it,
# distance and scale.
_MARK, _PLACE = "sharpdepth_layer_cut", "sharpdepth_layer_place"
# The same by session uids of pictures: undo takes back their properties, but not their pixels.
_shown: dict[int, str] = {}
# A relief is never torn: what should come apart belongs in two layers.
_NO_TEAR = 1e9


def add_sheet(
    rig: bpy.types.Object,
    name: str,
    picture: bpy.types.Image,
    layer: Layer,
    track: Track,
) -> bpy.types.Object:
    """Add the object of a layer as a child of a rig, not linked to a collection.

    Args:
        rig: Empty at the camera's place.
        name: Name of the object and its datablocks.
        picture: Picture that was split.
        layer: Layer to show.
        track: The function that `transaction` yields.

    Returns:
        The object, without geometry until `fill_sheet`.
    """
    mesh = track(bpy.data.meshes.new(name))
    obj = track(bpy.data.objects.new(name, mesh))
    image = track(fill_color(None, name, layer.rgba, picture))
    mesh.materials.append(track(layer_material(name, image)))
    obj.parent = rig
    obj[NUMBER], obj[_COLOR] = layer.id, image
    return obj


def fill_sheet(
    obj: bpy.types.Object,
    layer: Layer,
    picture: bpy.types.Image,
    plate: Intrinsics,
    units_per_meter: float,
    track: Track,
) -> None:
    """Set or replace the picture and shape of a layer's object.

    Args:
        obj: Object made by `add_sheet`.
        layer: Layer to show.
        picture: Picture that was split.
        plate: Its intrinsics, or those of the thinner one that was split.
        units_per_meter: Blender units per meter.
        track: The function that `transaction` yields.
    """
    obj[_COLOR] = fill_color(obj.get(_COLOR), obj.name, layer.rgba, picture)
    obj[SHARE] = layer.share
    obj[_COLOR][_PLACE] = {
        "left": round(layer.intrinsics.cx - plate.cx),
        "top": round(layer.intrinsics.cy - plate.cy),
        "distance": float(layer.distance),
        "scale": float(layer.scale),
    }
    for material in obj.data.materials:
        if material:
            place_picture(material, layer.intrinsics)
    if layer.depth is None:
        _become_card(obj, layer, units_per_meter)
    else:
        _become_relief(obj, layer.depth, layer.intrinsics, units_per_meter, track)


def mark_sheet(obj: bpy.types.Object, text: str) -> None:
    """Record what a layer's picture shows."""
    image = obj[_COLOR]
    image[_MARK] = text
    _shown[image.session_uid] = text


def sheet_mark(obj: bpy.types.Object) -> str | None:
    """What `mark_sheet` recorded, None if nothing, or if undo has parted record and pixels."""
    image = obj.get(_COLOR)
    mark = image.get(_MARK) if image else None
    return mark if mark and _shown.get(image.session_uid, mark) == mark else None


def sheet_layer(obj: bpy.types.Object, intrinsics: Intrinsics) -> Layer | None:
    """The layer that an object shows as it is, without depth.

    Args:
        obj: Object made by `add_sheet`.
        intrinsics: Of the plate.

    Returns:
        The layer; None where that is not known.
    """
    image = obj.get(_COLOR)
    kept = image.get(_PLACE) if image else None
    if kept is None or not has_pixels(image):
        return None
    width, height = image_size(image)
    framed = replace(
        intrinsics,
        cx=intrinsics.cx + kept["left"],
        cy=intrinsics.cy + kept["top"],
        width=width,
        height=height,
    )
    return Layer(
        obj[NUMBER],
        image_values(image),
        framed,
        kept["distance"],
        None,
        obj[SHARE],
        kept["scale"],
        obj[NUMBER] == SKY,
    )


def pack_sheet(obj: bpy.types.Object) -> None:
    """Pack a layer's images into the file, and remember its picture as it is now."""
    for key in (_COLOR, _DEPTH):
        if image := obj.get(key):
            image.pack()
    mark_pixels(obj[_COLOR])


def is_painted(obj: bpy.types.Object) -> bool:
    """Whether somebody has painted on a layer's picture, or shaped the layer, since it was cut."""
    image = obj.get(_COLOR)
    if image is None or is_changed(image) or obj.mode != "OBJECT":
        return True
    if _DEPTH in obj.keys():
        return find_modifier(obj) is None or len(obj.data.vertices) > 0
    return len(obj.data.polygons) != 1


def remove_sheets(objects: Sequence[bpy.types.Object]) -> None:
    """Remove layers, with everything that was made for them and nothing else uses."""
    made = []
    for obj in objects:
        made += [obj.data, *obj.data.materials, obj.get(_COLOR), obj.get(_DEPTH)]
    bpy.data.batch_remove(objects)
    for each in dict.fromkeys(made):  # in this order: materials hold images
        if each is not None and each.users == 0:
            bpy.data.batch_remove([each])


def _become_card(obj: bpy.types.Object, layer: Layer, units_per_meter: float) -> None:
    if modifier := find_modifier(obj):
        obj.modifiers.remove(modifier)
    if image := obj.get(_DEPTH):
        del obj[_DEPTH]
        if image.users == 0:
            bpy.data.images.remove(image)
    k, z = layer.intrinsics, layer.distance * units_per_meter
    x = np.array([0, k.width, k.width, 0]) - k.cx
    y = k.cy - np.array([k.height, k.height, 0, 0])
    corners = np.stack([x * z / k.fx, y * z / k.fy, np.full(4, -z)], axis=-1)
    mesh = obj.data
    mesh.clear_geometry()
    mesh.from_pydata(corners.tolist(), [], [(0, 1, 2, 3)])
    uvs = mesh.uv_layers.new(name="UVMap")
    uvs.uv.foreach_set("vector", [0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0])
    mesh.update()


def _become_relief(
    obj: bpy.types.Object,
    depth: np.ndarray,
    intrinsics: Intrinsics,
    units_per_meter: float,
    track: Track,
) -> None:
    image = obj.get(_DEPTH)
    obj[_DEPTH] = fill_depth(image, f"{obj.name} depth", depth)
    if image is None:
        track(obj[_DEPTH])
    modifier = find_modifier(obj)
    if modifier is None:
        obj.data.clear_geometry()
        modifier = add_modifier(obj)
    height, width = depth.shape
    for name, value in {
        "Depth": obj[_DEPTH],
        "Metric Depth": obj[_DEPTH],
        "Picture": obj[_COLOR],
        "Material": obj.data.materials[0] if obj.data.materials else None,
        "Resolution": max(height, width, 2),
        "Tear Ratio": _NO_TEAR,
        **lens_inputs(intrinsics.resized(width, height)),
        "Units per Meter": units_per_meter,
    }.items():
        set_input(modifier, name, value)
