"""Isolated scene: a few objects of a scene, to be evaluated frame by frame."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import bpy

from .scene_copy import copied_scene


@contextmanager
def isolated_scene(
    scene: bpy.types.Scene, objects: Iterable[bpy.types.Object]
) -> Iterator[bpy.types.Scene]:
    """Yield a copy of a scene that holds only some of its objects; it is removed at the end.

    Changing the copy's frame costs next to nothing and leaves the scene at its own frame. Objects
    that are excluded from the scene's view layers are included. Make a camera the copy's active
    one: that one is evaluated even where it is disabled in viewports.

    Args:
        scene: Scene to copy.
        objects: Objects to evaluate, along with whatever they depend on.

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
