"""Where the engine's own Python environment lives, and how its interpreter is started.

Every difference between platforms that the process room knows stands here. Standard library only:
the installer imports this under any Python.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..folders import data_folder

VARIABLE = "SHARPDEPTH_ENGINE"  # names an environment's folder, or an interpreter


class EngineMissing(Exception):
    """There is no engine environment where one was looked for; `str` is a sentence."""


def default_folder(
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Path:
    """Folder of the engine environment when nobody names another."""
    return data_folder(platform, environ, home) / "engine"


def interpreter_in(folder: Path, platform: str = sys.platform) -> Path:
    """Python interpreter of the environment in `folder`."""
    if platform == "win32":
        conda = folder / "python.exe"  # conda has it at the top
        return conda if conda.is_file() else folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def find_interpreter(chosen: str | os.PathLike | None = None) -> Path:
    """Interpreter that runs the engine.

    Args:
        chosen: Environment folder or interpreter, before the variable `SHARPDEPTH_ENGINE`, which
            comes before the default folder.

    Raises:
        EngineMissing: There is none.
    """
    place = Path(chosen or os.environ.get(VARIABLE) or default_folder()).expanduser()
    # Not resolved: an environment's interpreter is a link, and is told by its own path.
    place = Path(os.path.abspath(place))
    interpreter = interpreter_in(place) if place.is_dir() else place
    if interpreter.is_file():
        return interpreter
    raise EngineMissing(
        f"The engine is not installed: there is no {interpreter}. Run vendor_install.py first."
    )


def child_environ(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Environment variables for another Python, without those meant for the calling one.

    Blender, studios and virtual environments set PYTHONHOME, PYTHONPATH and the like, which would
    put one Python's libraries into the other.
    """
    return {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(("PYTHON", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"))
    }


def spawn_options() -> dict:
    """Keyword arguments of `subprocess.Popen` for every other Python that is started."""
    # Without it Windows opens a console window over Blender; the flag exists nowhere else.
    return {
        "creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0),
        "env": child_environ(),
    }
