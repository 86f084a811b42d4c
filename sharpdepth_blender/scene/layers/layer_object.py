"""Layer object: the object of one layer."""

from collections.abc import Sequence

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import Layer
from ..live import add_modifier, find_modifier, lens_inputs
from ..modifier import set_input
from ..picture import is_changed, mark_pixels
from ..transaction import Track
from .layer_fill import fill_images
from .layer_root import NUMBER, SHARE
from .material import layer_material, place_picture
from .pictures import fill_color, fill_depth

_COLOR, _DEPTH = "sharpdepth_layer_color", "sharpdepth_layer_depth"
# Custom property of its picture: the cut that it shows.
_MARK = "sharpdepth_layer_cut"
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
    units_per_meter: float,
    track: Track,
) -> None:
    """Set or replace the picture and shape of a layer's object.

    Args:
        obj: Object made by `add_sheet`.
        layer: Layer to show.
        picture: Picture that was split.
        units_per_meter: Blender units per meter.
        track: The function that `transaction` yields.
    """
    obj[_COLOR] = fill_color(obj.get(_COLOR), obj.name, layer.rgba, picture)
    obj[SHARE] = layer.share
    for material in obj.data.materials:
        if material:
            place_picture(material, layer.intrinsics)
    if layer.depth is None:
        _become_card(obj, layer, units_per_meter)
    else:
        _become_relief(obj, layer.depth, layer.intrinsics, units_per_meter, track)


def show_picture(obj: bpy.types.Object, layer: Layer, picture: bpy.types.Image) -> None:
    """Set a layer's picture alone, and pack it; arguments as of `fill_sheet`."""
    fill_color(obj[_COLOR], obj.name, layer.rgba, picture).pack()
    mark_pixels(obj[_COLOR])


def color_of(obj: bpy.types.Object) -> bpy.types.Image | None:
    """The picture of a layer, None where it is gone."""
    image: bpy.types.Image | None = obj.get(_COLOR)
    return image


def mark_sheet(obj: bpy.types.Object, text: str) -> None:
    """Record what a layer shows on its picture, so that undo treats both alike."""
    obj[_COLOR][_MARK] = text


def sheet_mark(obj: bpy.types.Object) -> str | None:
    """What `mark_sheet` recorded, None if nothing."""
    image = obj.get(_COLOR)
    return image.get(_MARK) if image else None


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
        made += fill_images(obj)
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
