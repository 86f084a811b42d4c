"""Pictures: what a result or a material shows, as files and values for other programs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ..current_frame import file_now
from ..exr import exr_channels
from ..layers.composed import composed_image, is_composed
from ..layers.layer_marks import COLOR
from ..layers.material import is_over
from ..live import find_modifier
from ..material import UNLIT, color_input
from ..modifier import get_input
from ..picture import file_values, image_values
from ..plates import read_image
from ..plates.frames import still
from ..saving import choose_format
from ..shaped import SHAPED
from ..temporary import temporary_folder
from .upright import without_orientation

# What glTF, and every program, can read.
_PLAIN = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg"}


def picture_of(obj: bpy.types.Object) -> bpy.types.Image | None:
    """The image that a result shows, None where it is gone."""
    modifier = find_modifier(obj)
    if modifier:
        return get_input(modifier, "Picture")
    found = (image_shown(slot.material) for slot in obj.material_slots)
    return next((image for image in found if image), None)


def image_shown(material: bpy.types.Material | None) -> bpy.types.Image | None:
    """The image that a material of ours shows as it is, None where it shows anything else.

    Paint over a layer's picture does not count, being in `image_now`.
    """
    texture = _texture(material)
    return texture.image if texture else None


def has_alpha(material: bpy.types.Material) -> bool:
    """Whether a picture that `image_shown` found covers a surface by its own alpha only."""
    texture = _texture(material)
    outputs = texture and texture.outputs
    return bool(outputs and outputs["Alpha"].is_linked)


def _texture(material: bpy.types.Material | None) -> bpy.types.ShaderNodeTexImage | None:
    """The node whose picture a material of ours shows as it is."""
    node = material and material.node_tree and material.node_tree.nodes.get(UNLIT)
    links = color_input(node).links if node and node.type == "EMISSION" else ()
    source = links[0].from_node if links else None
    while source and is_over(source):  # what is painted over it is in `image_now`
        links = source.inputs["Color"].links
        source = links[0].from_node if links else None
    return source if source and source.type == "TEX_IMAGE" else None


def linear_picture(obj: bpy.types.Object) -> np.ndarray | None:
    """The picture of a result in the scene's linear space.

    Returns:
        (H, W, 3) float32, row 0 at the top; None where the picture is gone.

    Raises:
        OSError, RuntimeError, LayoutError: There is no room for a temporary file.
    """
    image = picture_of(obj)
    if image is None:
        return None
    with image_now(obj, image) as shown:
        return linear_values(shown)


def linear_values(image: bpy.types.Image) -> np.ndarray:
    """The colors of an image in the scene's linear space, (H, W, 3) float32.

    Raises:
        OSError, RuntimeError, LayoutError: There is no room for a temporary file.
    """
    with temporary_folder() as folder:
        path = os.path.join(folder, "linear.exr")
        scene = bpy.data.scenes.new("linear")  # carries the file settings of `save_render`
        try:
            settings = scene.render.image_settings
            choose_format(settings, "OPEN_EXR")
            settings.color_mode, settings.color_depth = "RGB", "32"
            settings.exr_codec = "NONE"
            image.save_render(path, scene=scene)
        finally:
            bpy.data.scenes.remove(scene)
        exr_channels(path)  # Blender does not tell of every failed write
        return file_values(path)[..., :3]


def srgb_picture(scene: bpy.types.Scene, obj: bpy.types.Object) -> np.ndarray | None:
    """The picture of a result as it is seen.

    Returns:
        (H, W, 3) uint8 sRGB, row 0 at the top; None where the picture is gone.
    """
    image = picture_of(obj)
    if image is None:
        return None
    with image_now(obj, image) as shown:
        return read_image(shown, scene).rgb


def write_texture(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    path: str,
    alpha: bool = False,
    as_png: bool = False,
) -> str:
    """Write an image as a file of its own, the user's bytes where there are any.

    Args:
        scene: Shows what has more than 8 bits, or is of another kind than PNG and JPEG.
        image: The one to write.
        path: File to write, without a suffix.
        alpha: Whether its alpha counts.
        as_png: Whether it is to be a PNG in any case.

    Returns:
        The file: PNG or JPEG of 8 bits.
    """
    content = _content(image)
    suffix = next((_PLAIN[magic] for magic in _PLAIN if content.startswith(magic)), None)
    if (
        not suffix
        or (as_png and suffix != ".png")
        or image.is_float
        or image.colorspace_settings.name != "sRGB"
    ):
        rgb = read_image(image, scene).rgb
        rgba = np.ones((*rgb.shape[:2], 4), np.float32)
        rgba[..., :3] = rgb / np.float32(255)
        if alpha and image.channels == 4:
            rgba[..., 3] = image_values(image)[..., 3]
        content, suffix = _png(rgba), ".png"
    with open(path + suffix, "wb") as file:
        file.write(without_orientation(content))  # Blender shows the pixels as they lie
    return path + suffix


def _png(rgba: np.ndarray) -> bytes:
    height, width = rgba.shape[:2]
    image = bpy.data.images.new("texture", width, height, alpha=True)
    try:
        image.alpha_mode = "CHANNEL_PACKED"
        values = np.ascontiguousarray(rgba[::-1]).ravel()
        image.pixels.foreach_set(values)  # type: ignore[arg-type]  # which takes any buffer
        image.pack()
        return image.packed_file.data
    finally:
        bpy.data.images.remove(image)


def _content(image: bpy.types.Image) -> bytes:
    """Bytes of the file that an image is, none for what was never saved or was painted on."""
    if image.is_dirty:
        return b""
    if image.packed_file:
        return image.packed_file.data
    path = bpy.path.abspath(image.filepath, library=image.library)
    if image.source != "FILE" or not os.path.isfile(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


@contextmanager
def image_now(obj: bpy.types.Object, image: bpy.types.Image) -> Iterator[bpy.types.Image]:
    """The image that an object shows at the current frame, or at which it was baked.

    Of a layer it is what is painted, over what was cut.
    """
    if is_composed(obj) and image == obj[COLOR]:
        with composed_image(obj) as shown:
            yield shown
        return
    modifier = find_modifier(obj)
    file = obj.get(SHAPED, {}).get("Picture File")
    if modifier and image.source == "SEQUENCE":
        file = file_now(modifier, image)
    if file and image.source == "SEQUENCE":
        with still(file, image) as (shown, _):
            yield shown
    else:
        yield image
