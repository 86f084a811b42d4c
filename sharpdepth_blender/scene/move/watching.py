"""Watching: where cameras and what lies before them are at each frame."""

from contextlib import contextmanager

import bpy


@contextmanager
def watch_scene(scene, objects):
    """Give a copy of a scene that holds some of its objects alone, to be evaluated frame by frame.

    So it costs next to nothing; and whatever is hidden or excluded there is in it. A camera is best
    made the copy's own, which is evaluated even if viewports are not to show it.

    Args:
        scene: Scene.
        objects: Objects to evaluate; what they depend on comes with them.

    Yields:
        The copy, with one view layer; it is removed again.
    """
    copy = scene.copy()
    try:
        copy.timeline_markers.clear()  # they would switch its camera
        for layer in copy.view_layers[1:]:
            copy.view_layers.remove(layer)
        inside = copy.collection
        for child in inside.children[:]:
            inside.children.unlink(child)
        for obj in inside.objects[:]:
            inside.objects.unlink(obj)
        for obj in dict.fromkeys(objects):
            inside.objects.link(obj)
        yield copy
    finally:
        bpy.data.scenes.remove(copy)
