"""Opening: a .blend file, and the objects in it that a command names."""

import os

import bpy

from ..files import absolute
from .errors import SceneError, reason


class OpenError(SceneError):
    """A .blend file cannot be opened."""

    kind = "unreadable"


class MissingObject(SceneError):
    """A scene has no object of the given name."""

    kind = "no_object"


def open_blend(path: str | os.PathLike[str]) -> bpy.types.Scene:
    """Open a file without its windows, in place of the open one.

    Args:
        path: .blend file.

    Returns:
        The scene that was active when it was saved.

    Raises:
        OpenError: The file is missing, or this Blender cannot open it.
    """
    if os.path.lexists(path) and not os.path.isfile(path):  # Blender waits for a pipe for ever
        raise OpenError("The scene {path} cannot be opened: it is no file.", path=path)
    try:
        bpy.ops.wm.open_mainfile(filepath=absolute(path), load_ui=False)
    except RuntimeError as error:
        raise OpenError(
            "The scene {path} cannot be opened: {why}", path=path, why=reason(error)
        ) from error
    return bpy.context.scene  # type: ignore[return-value]  # every file has one


def object_named(scene: bpy.types.Scene, name: str) -> bpy.types.Object:
    """Find an object of a scene by its name.

    Raises:
        MissingObject: The scene has none of that name.
    """
    if name not in scene.objects:
        raise MissingObject("The scene {scene} has no object {obj}.", scene=scene.name, obj=name)
    return scene.objects[name]
