"""Where this computer keeps what a program has fetched for its user."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def data_folder(
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Path:
    """Folder of SharpDepth's own data.

    Outside Blender and outside the extension, so that updates of either leave it alone, and short,
    because Windows allows a path only 260 characters.
    """
    home = home or Path.home()
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "SharpDepth"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "SharpDepth"
    base = environ.get("XDG_DATA_HOME", "")
    # The XDG specification has relative paths ignored.
    return (Path(base) if os.path.isabs(base) else home / ".local" / "share") / "sharpdepth"
