"""Frames: which file or frame of a sequence or movie is shown, and stills of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy
import numpy as np

from ..loading import load_image
from ..picture import image_size, image_values, replace_rgba
from .errors import SourceError, UnreadableFile

Datablock = bpy.types.Image | bpy.types.MovieClip


def user_frame(user: bpy.types.ImageUser, frame: int) -> int:
    """The frame that an image user shows at a frame of the scene, as Blender counts."""
    length = user.frame_duration
    shown = frame - user.frame_start + 1
    if user.use_cyclic and length:
        shown = shown % length or length
    return min(max(shown, 0), length) + user.frame_offset


@contextmanager
def still(path: str, like: Datablock) -> Iterator[tuple[bpy.types.Image, str]]:
    """A temporary image of a file, as `like` is read, and the name of its color space."""
    image = _load(path)
    try:
        _match_space(image, like)
        _match_alpha(image, like)
        _check(image, path)
        yield image, image.colorspace_settings.name
    finally:
        bpy.data.images.remove(image)


@contextmanager
def movie_frame(path: str, frame: int, like: Datablock) -> Iterator[tuple[bpy.types.Image, str]]:
    """A temporary image of a movie's frame, counted from 1, and the movie's color space.

    Float pixels of it are scene-linear or data, whatever that space is.

    Blender has no other way to ask for a frame without a window: what the nodes have looked at last
    is what the pixels are.
    """
    image = _load(path)
    made: list = []
    try:
        image.source = "MOVIE"
        _match_space(image, like)
        _look_at(image, frame, made)
        _check(image, path)
        # Of a movie `save_render` shows its first frame, so the pixels move to an image of one.
        with copied(image, like) as shown:
            yield shown
    finally:
        for blocks, block in reversed(made):
            blocks.remove(block)
        bpy.data.images.remove(image)


def _look_at(image: bpy.types.Image, frame: int, made: list) -> None:
    """Evaluate nodes that look at one frame; what is made for it is told in `made`."""

    def note(blocks: Any, block: Any) -> Any:
        made.append((blocks, block))
        return block

    data = bpy.data
    group = note(data.node_groups, data.node_groups.new("Frame", "GeometryNodeTree"))
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    points = group.nodes.new("GeometryNodeMeshLine")
    points.inputs["Count"].default_value = 1
    texture = group.nodes.new("GeometryNodeImageTexture")
    texture.inputs["Image"].default_value = image
    texture.inputs["Frame"].default_value = frame
    store = group.nodes.new("GeometryNodeStoreNamedAttribute")
    store.data_type = "FLOAT_COLOR"
    store.inputs["Name"].default_value = "color"
    value = next(each for each in store.inputs if each.name == "Value" and each.enabled)
    group.links.new(points.outputs["Mesh"], store.inputs["Geometry"])
    group.links.new(texture.outputs["Color"], value)
    output = group.nodes.new("NodeGroupOutput")
    group.links.new(store.outputs["Geometry"], output.inputs["Geometry"])

    scene = note(data.scenes, data.scenes.new("Frame"))
    mesh = note(data.meshes, data.meshes.new("Frame"))
    obj = note(data.objects, data.objects.new("Frame", mesh))
    scene.collection.objects.link(obj)
    obj.modifiers.new("Frame", "NODES").node_group = group
    layer = scene.view_layers[0]
    layer.update()
    obj.evaluated_get(layer.depsgraph).data.vertices  # noqa: B018


@contextmanager
def copied(
    image: bpy.types.Image, like: Datablock, pixels: np.ndarray | None = None
) -> Iterator[tuple[bpy.types.Image, str]]:
    """A temporary image of the pixels that another has now, and the other's color space.

    Args:
        image: The other one.
        like: Says how they are shown.
        pixels: (H, W, channels) float32: some rows of it, as of `image_values`; None for all.
    """
    found = image_values(image) if pixels is None else pixels
    height, width = found.shape[:2]
    is_data = image.colorspace_settings.is_data
    # Blender gives the pixels of 8-bit frames as stored, those of float ones scene-linear.
    copy = bpy.data.images.new("Frame", width, height, alpha=True, float_buffer=image.is_float)
    if is_data or not image.is_float:
        copy.colorspace_settings.name = image.colorspace_settings.name
    try:
        values = np.ones((height, width, 4), np.float32)
        values[..., : found.shape[2]] = found
        replace_rgba(copy, values)
        _match_alpha(copy, like)
        yield copy, image.colorspace_settings.name
    finally:
        bpy.data.images.remove(copy)


def _load(path: str) -> bpy.types.Image:
    if not os.path.isfile(path):
        raise SourceError("The file {path} does not exist.", path=path)
    try:
        return load_image(path)
    except (RuntimeError, UnicodeError) as error:  # the latter of a name that is not UTF-8
        raise UnreadableFile(path) from error


def _check(image: bpy.types.Image, path: str) -> None:
    if not all(image_size(image)) or not image.channels:
        raise UnreadableFile(path)


def _match_space(image: bpy.types.Image, like: Datablock) -> None:
    space = like.colorspace_settings.name
    if space:  # Blender has not chosen one for what it has not loaded yet
        image.colorspace_settings.name = space


def _match_alpha(image: bpy.types.Image, like: Datablock) -> None:
    if isinstance(like, bpy.types.Image):
        image.alpha_mode = like.alpha_mode
        image.use_view_as_render = like.use_view_as_render
