"""Evaluation: objects as they are after constraints, parents, animation and modifiers."""

import bpy


def evaluated(scene: bpy.types.Scene, obj: bpy.types.Object) -> bpy.types.Object:
    """An object as the first view layer of a scene has it, brought up to date.

    The rest of what the layer evaluates is then up to date as well.
    """
    layer = scene.view_layers[0]
    layer.update()
    return obj.evaluated_get(layer.depsgraph)  # type: ignore[arg-type]  # there once updated
