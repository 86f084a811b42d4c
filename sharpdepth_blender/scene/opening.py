"""Opening: a .blend file as the open one."""

import bpy

from .errors import SceneError, reason


class OpenError(SceneError):
    """A .blend file cannot be opened."""

    kind = "unreadable"


def open_blend(path):
    """Open a file in place of what is open, without its windows.

    Args:
        path: File ending in .blend.

    Returns:
        The scene that it was saved in.

    Raises:
        OpenError: It is missing, or not a file that this Blender opens.
    """
    try:
        bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False)
    except RuntimeError as error:
        raise OpenError(
            "The scene {path} cannot be opened: {why}", path=path, why=reason(error)
        ) from error
    return bpy.context.scene
