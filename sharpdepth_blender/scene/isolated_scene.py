"""Bare: a scene with few of its objects, to be looked at frame by frame."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import bpy

from .scene_copy import copied_scene


@contextmanager
def isolated_scene(
    scene: bpy.types.Scene, objects: Iterable[bpy.types.Object]
) -> Iterator[bpy.types.Scene]:
    """Give a copy of a scene that holds some objects alone, and goes when the block ends.

    So its frame can be set at next to no cost while the scene stays at its own, and whatever is
    excluded there is in it. A camera is best made the copy's own, which is evaluated even if
    viewports are not to show it.

    Args:
        scene: Scene.
        objects: Objects to evaluate; what they depend on comes with them.

    Yields:
        The copy, with one view layer.
    """
    bare = copied_scene(scene)
    try:
        for layer in bare.view_layers[1:]:
            bare.view_layers.remove(layer)
        bare.view_layers[0].material_override = None
        inside = bare.collection
        for child in inside.children[:]:
            inside.children.unlink(child)
        for obj in inside.objects[:]:
            inside.objects.unlink(obj)
        for obj in dict.fromkeys(objects):
            inside.objects.link(obj)
        yield bare
    finally:
        bpy.data.scenes.remove(bare)
