"""The folder for data that the add-on downloads."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def data_folder(
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Path:
    """Return the folder for SharpDepth's data.

    It is outside Blender and the extension, so that it survives updates of either, and short,
    because Windows limits paths to 260 characters.
    """
    home = home or Path.home()
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "SharpDepth"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "SharpDepth"
    base = environ.get("XDG_DATA_HOME", "")
    # The XDG specification says to ignore relative paths.
    return (Path(base) if os.path.isabs(base) else home / ".local" / "share") / "sharpdepth"
