"""Layer object: the object of one layer."""

import colorsys
import zlib
from collections.abc import Sequence

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import SKY, KeptLayer, Layer
from ...geometry.srgb import to_linear
from ..live import add_modifier, find_modifier, lens_inputs
from ..mesh import mesh_of
from ..modifier import set_input
from ..picture import has_pixels, image_size, image_values, is_changed, is_repacked, mark_pixels
from ..stored_intrinsics import read_intrinsics, stored_intrinsics
from ..transaction import Track
from .clean_plate import part_clean_plate
from .layer_fill import fill_images
from .layer_marks import CLEAN, COLOR, DEPTH, FRAME, PAINT_MESH
from .layer_root import NUMBER, SHARE
from .material import layer_material, place_picture
from .notes import Note
from .pictures import fill_color, fill_depth

# Custom properties of its picture: the cut that it shows, and the one that is packed; whether it
# was cut beside other layers that stayed, and so is not what the cut alone tells.
_MARK, _PACKED = "sharpdepth_layer_cut", "sharpdepth_layer_packed"
_BESIDE = "sharpdepth_layer_beside"
# And where what it shows stands: the layer's distance and scale.
_STANDS = "sharpdepth_layer_stands"
# The marks of pictures as they are in memory, by session uid, as undo takes back properties alone.
_shown: dict[int, str] = {}
# Unpacked pictures in which there is no paint but what has been kept elsewhere: drafts, and others
# that are about to be cut anew; a checksum by session uid.
_spent: dict[int, int] = {}
# Hue of the sky's color in Solid view, and from one layer to the next: the golden section, by which
# many hues in a row are far apart. All have the same saturation and value.
_SKY_HUE, _STEP, _TINT = 0.58, 0.618034, (0.55, 0.85)
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
    obj[NUMBER], obj[COLOR] = layer.id, image
    obj.color = _viewport_color(layer.id)  # type: ignore[assignment]  # any sequence
    return obj


def _viewport_color(number: int) -> tuple[float, ...]:
    """A color by which Solid view tells a layer from others, scene-linear RGBA."""
    hue = _SKY_HUE if number == SKY else (_STEP * number) % 1
    encoded = np.array(colorsys.hsv_to_rgb(hue, *_TINT), np.float32)
    return (*to_linear(encoded).tolist(), 1.0)


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
    show_picture(obj, layer, picture)
    obj[SHARE] = layer.share
    obj[FRAME] = stored_intrinsics(layer.intrinsics)
    obj[_STANDS] = [float(layer.distance), float(layer.scale)]
    for material in obj.data.materials:
        if material:
            place_picture(material, layer.intrinsics)
    if layer.depth is None:
        _become_card(obj, layer, units_per_meter)
    else:
        _become_relief(obj, layer.depth, layer.intrinsics, units_per_meter, track)


def show_picture(obj: bpy.types.Object, layer: Layer, picture: bpy.types.Image) -> None:
    """Set a layer's picture alone; arguments as of `fill_sheet`."""
    obj[COLOR] = fill_color(obj.get(COLOR), obj.name, layer.rgba, picture)


def color_of(obj: bpy.types.Object) -> bpy.types.Image | None:
    """The picture of a layer, None where it is gone."""
    image: bpy.types.Image | None = obj.get(COLOR)
    return image


def mark_sheet(obj: bpy.types.Object, text: str, beside: bool = False) -> None:
    """Record what a layer's picture shows, and whether it was cut beside others that stayed."""
    obj[COLOR][_MARK], obj[COLOR][_BESIDE] = text, beside
    _shown[obj[COLOR].session_uid] = text


def is_cut_beside(obj: bpy.types.Object) -> bool:
    """Whether a layer was cut beside others that stayed, so that its cut alone does not tell it."""
    return bool(obj[COLOR].get(_BESIDE, False))


def sheet_mark(obj: bpy.types.Object) -> str | None:
    """What `mark_sheet` recorded, None if nothing, or if undo has parted record and pixels."""
    image = obj.get(COLOR)
    mark = image.get(_MARK) if image else None
    return mark if mark and _shown.get(image.session_uid, mark) == mark else None


def kept_layer(obj: bpy.types.Object) -> KeptLayer | None:
    """What a layer's object shows as it is; None where that is not known."""
    image, relief, stands = obj.get(COLOR), obj.get(DEPTH), obj.get(_STANDS)
    if image is None or stands is None or not has_pixels(image):
        return None
    if relief is not None and not has_pixels(relief):
        return None
    framed = read_intrinsics(obj[FRAME])
    if image_size(image) != (framed.width, framed.height):
        return None
    distance, scale = stands
    depth = None if relief is None else image_values(relief)[..., 0]
    return KeptLayer(image_values(image), framed, distance, scale, depth)


def pack_sheet(obj: bpy.types.Object) -> None:
    """Pack a layer's images into the file, and remember its picture as it is now."""
    if image := obj.get(DEPTH):
        image.pack()
    pack_picture(obj)


def pack_picture(obj: bpy.types.Object) -> None:
    """Pack a layer's picture alone, and remember it as it is now."""
    obj[COLOR].pack()
    mark_pixels(obj[COLOR])
    obj[COLOR][_PACKED] = obj[COLOR].get(_MARK, "")
    _spent.pop(obj[COLOR].session_uid, None)


def note_spent(obj: bpy.types.Object) -> None:
    """Take in that a layer's picture as it is now holds no paint that is to be kept."""
    _spent[obj[COLOR].session_uid] = _checksum(obj[COLOR])


def packed_as(obj: bpy.types.Object) -> str | None:
    """The cut that a layer's packed picture shows, None if somebody packed another one."""
    image = obj[COLOR]
    return None if is_repacked(image) else image.get(_PACKED)


def is_repainted(obj: bpy.types.Object) -> bool:
    """Whether somebody has painted on a layer's picture since it was cut."""
    image = obj.get(COLOR)
    if image is None or not is_changed(image):
        return False
    known = _spent.get(image.session_uid)
    return known is None or known != _checksum(image)


def is_reshaped(obj: bpy.types.Object) -> bool:
    """Whether somebody has shaped a layer since it was cut, or taken its picture away."""
    if obj.get(COLOR) is None or obj.mode not in ("OBJECT", "TEXTURE_PAINT"):
        return True
    if DEPTH in obj.keys():
        is_own = len(obj.data.vertices) == 0 or PAINT_MESH in mesh_of(obj).keys()
        return find_modifier(obj) is None or not is_own
    return len(obj.data.polygons) != 1


def _checksum(image: bpy.types.Image) -> int:
    return zlib.crc32(np.ascontiguousarray(image_values(image)).data)


def remove_sheets(objects: Sequence[bpy.types.Object]) -> list[Note]:
    """Remove layers, with everything that was made for them and nothing else uses.

    A clean plate with paint stays in the file.

    Returns:
        Notes about where paint is.
    """
    made, told = [], []
    for obj in objects:
        made += [obj.data, *obj.data.materials, obj.get(COLOR), obj.get(DEPTH), obj.get(CLEAN)]
        made += fill_images(obj)
        told.append(part_clean_plate(obj))
    bpy.data.batch_remove(objects)
    for each in dict.fromkeys(made):  # in this order: materials hold images
        if each is not None and each.users == 0:
            bpy.data.batch_remove([each])
    return [note for note in told if note is not None]


def _become_card(obj: bpy.types.Object, layer: Layer, units_per_meter: float) -> None:
    if modifier := find_modifier(obj):
        obj.modifiers.remove(modifier)
    if image := obj.get(DEPTH):
        del obj[DEPTH]
        if image.users == 0:
            bpy.data.images.remove(image)
    if PAINT_MESH in mesh_of(obj).keys():
        del mesh_of(obj)[PAINT_MESH]
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
    image = obj.get(DEPTH)
    obj[DEPTH] = fill_depth(image, f"{obj.name} depth", depth)
    if image is None:
        track(obj[DEPTH])
    modifier = find_modifier(obj)
    if modifier is None:
        obj.data.clear_geometry()
        modifier = add_modifier(obj)
    height, width = depth.shape
    for name, value in {
        "Depth": obj[DEPTH],
        "Metric Depth": obj[DEPTH],
        "Picture": obj[COLOR],
        "Material": obj.data.materials[0] if obj.data.materials else None,
        "Resolution": max(height, width, 2),
        "Tear Ratio": _NO_TEAR,
        **lens_inputs(intrinsics.resized(width, height)),
        "Units per Meter": units_per_meter,
    }.items():
        set_input(modifier, name, value)
