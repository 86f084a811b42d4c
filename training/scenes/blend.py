"""The .blend file that is rendered: opened from disk, or named for other processes to open."""

from pathlib import Path

import bpy

from .errors import BlendFileError, UnsavedFileError


def open_blend(path: Path):
    """Open a .blend file in place of what is open.

    Raises:
        BlendFileError: it is missing, or no .blend file that this Blender reads.
    """
    try:
        bpy.ops.wm.open_mainfile(filepath=str(Path(path).resolve()), load_ui=False)
    except RuntimeError as error:
        why = str(error).strip().removeprefix("Error: ")
        raise BlendFileError(f"the .blend file {path} cannot be opened: {why}") from error


def saved_blend() -> Path:
    """Return the path of the open file, for several processes to open it.

    Raises:
        UnsavedFileError: what is open was never saved, or was changed since.
    """
    # A Blender in the background calls every file changed.
    if not bpy.data.filepath or (bpy.data.is_dirty and not bpy.app.background):
        raise UnsavedFileError(
            "several processes can only render what is on disk: save the .blend file first, "
            "or set render.jobs=1"
        )
    return Path(bpy.data.filepath)
