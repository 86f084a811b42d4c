"""Evaluation: objects as they are after constraints, parents, animation and modifiers."""

import bpy


def evaluated(scene: bpy.types.Scene, obj: bpy.types.Object) -> bpy.types.Object:
    """An object as the first view layer of a scene has it, brought up to date.

    The rest of what the layer evaluates is then up to date as well.
    """
    scene.view_layers[0].update()
    return obj.evaluated_get(depsgraph_of(scene))


def depsgraph_of(scene: bpy.types.Scene) -> bpy.types.Depsgraph:
    """What evaluates a scene's first view layer, as it was when it was last updated."""
    depsgraph = scene.view_layers[0].depsgraph
    assert depsgraph is not None  # there once the layer was updated
    return depsgraph
