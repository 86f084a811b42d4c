"""The .blend file to render: opening it, and its path for other processes."""

from pathlib import Path

import bpy

from .errors import BlendFileError, UnsavedFileError


def open_blend(path: Path):
    """Open a .blend file, replacing the current one.

    Raises:
        BlendFileError: the file is missing or cannot be read by this Blender.
    """
    try:
        bpy.ops.wm.open_mainfile(filepath=str(Path(path).resolve()), load_ui=False)
    except RuntimeError as error:
        why = str(error).strip().removeprefix("Error: ")
        raise BlendFileError(f"cannot open the .blend file {path}: {why}") from error


def saved_blend() -> Path:
    """Return the path of the open file, so that other processes can open it.

    Raises:
        UnsavedFileError: the open file was never saved, or has unsaved changes.
    """
    # Blender in the background marks every file as changed.
    if not bpy.data.filepath or (bpy.data.is_dirty and not bpy.app.background):
        raise UnsavedFileError(
            "several processes can only render a saved file: save the .blend file first, "
            "or set render.jobs=1"
        )
    return Path(bpy.data.filepath)
