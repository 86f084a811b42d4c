"""Opening: a .blend file as the open one, and what a command names in it."""

import os

import bpy

from .errors import SceneError, reason


class OpenError(SceneError):
    """A .blend file cannot be opened."""

    kind = "unreadable"


class MissingObject(SceneError):
    """A scene has no object of that name."""

    kind = "no_object"


def open_blend(path: str | os.PathLike[str]) -> bpy.types.Scene:
    """Open a file in place of what is open, without its windows.

    Args:
        path: File ending in .blend.

    Returns:
        The scene that it was saved in.

    Raises:
        OpenError: It is missing, or not a file that this Blender opens.
    """
    try:
        bpy.ops.wm.open_mainfile(filepath=os.path.abspath(path), load_ui=False)
    except RuntimeError as error:
        raise OpenError(
            "The scene {path} cannot be opened: {why}", path=path, why=reason(error)
        ) from error
    return bpy.context.scene  # type: ignore[return-value]  # every file has one


def object_named(scene: bpy.types.Scene, name: str) -> bpy.types.Object:
    """The object of a scene that has a name.

    Raises:
        MissingObject: There is none.
    """
    if name not in scene.objects:
        raise MissingObject("The scene {scene} has no object {obj}.", scene=scene.name, obj=name)
    return scene.objects[name]
