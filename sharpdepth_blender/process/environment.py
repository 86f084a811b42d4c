"""Location of the engine's Python environment, and how to start its interpreter.

Contains all platform differences of `process`. Standard library only: the installer imports this
with any Python.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..folders import data_folder

VARIABLE = "SHARPDEPTH_ENGINE"  # environment variable: environment folder or interpreter


class EngineMissing(Exception):
    """The engine environment was not found; `str` is a sentence."""


def default_folder(
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Path:
    """Return the default folder of the engine environment."""
    return data_folder(platform, environ, home) / "engine"


def interpreter_in(folder: Path, platform: str = sys.platform) -> Path:
    """Return the Python interpreter of the environment in `folder`."""
    if platform == "win32":
        conda = folder / "python.exe"  # conda puts it at the top level
        return conda if conda.is_file() else folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def find_interpreter(chosen: str | os.PathLike | None = None) -> Path:
    """Find the interpreter that runs the engine.

    Args:
        chosen: Environment folder or interpreter; takes precedence over the environment variable
            `SHARPDEPTH_ENGINE`, which takes precedence over the default folder.

    Raises:
        EngineMissing: The interpreter does not exist.
    """
    place = Path(chosen or os.environ.get(VARIABLE) or default_folder()).expanduser()
    # Not resolved: a virtual environment's interpreter is a symlink, identified by its path.
    place = Path(os.path.abspath(place))
    interpreter = interpreter_in(place) if place.is_dir() else place
    if interpreter.is_file():
        return interpreter
    raise EngineMissing(
        f"The engine is not installed: {interpreter} not found. Run vendor_install.py first."
    )


def child_environ(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return environment variables for another Python, without those meant for this one.

    Blender, studio setups and virtual environments set PYTHONHOME, PYTHONPATH etc., which would mix
    the libraries of the two.
    """
    return {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(("PYTHON", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"))
    }


def spawn_options() -> dict:
    """Return keyword arguments of `subprocess.Popen` for starting any other Python."""
    # Otherwise Windows opens a console window over Blender; other systems lack the flag.
    return {
        "creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0),
        "env": child_environ(),
    }
