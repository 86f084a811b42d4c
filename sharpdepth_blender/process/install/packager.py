"""Creation of the environment with uv if available, else pip."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..environment import interpreter_in, spawn_options
from .console import CommandError, Console, InstallError
from .pip_settings import as_uv_environ, pip_settings

UV = "0.13.9"
_OLDEST_UV = (0, 13)  # the first version that supports the CUDA builds of the pinned PyTorch


class Packager(Protocol):
    """Installs packages into one environment.

    Attributes:
        chooses_build: Whether it can select a build of PyTorch.
    """

    chooses_build: bool

    def install(self, options: Sequence[str | Path], *, backend: str | None, quiet: bool) -> None:
        """Install with pip options and requirements; `backend` is uv's name of a PyTorch build."""


class Uv:
    """uv, which selects the build of PyTorch by the driver."""

    chooses_build = True

    def __init__(self, console: Console, command: list[str], folder: Path):
        self._console = console
        self._command = command
        self._python = interpreter_in(folder)
        self._environ = as_uv_environ(pip_settings(), os.environ)

    def install(self, options, *, backend, quiet):
        """See `Packager`."""
        command = [*self._command, "pip", "install", "--python", self._python, "--system-certs"]
        # No links to uv's cache: a file damaged here would return with every repair.
        command += ["--link-mode", "copy"]
        choice = ["--torch-backend", backend] if backend else []
        self._console.run([*command, *choice, *options], quiet=quiet, environ=self._environ)


class Pip:
    """The environment's own pip."""

    chooses_build = False

    def __init__(self, console: Console, folder: Path):
        self._console = console
        self._python = interpreter_in(folder)

    def install(self, options, *, backend, quiet):
        """See `Packager`."""
        command = [
            self._python,
            "-X",
            "utf8",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-input",
        ]
        look = ["--progress-bar", "off"]
        self._console.run([*command, "install", *look, *options], quiet=quiet)


def make_environment(console: Console, folder: Path) -> Packager:
    """Create an empty virtual environment in `folder`; return its packager.

    Raises:
        InstallError: This Python cannot create one, and uv is not available.
    """
    base = getattr(sys, "_base_executable", None) or sys.executable
    if uv := find_uv():
        console.say(f"Creating an environment from {base} with uv")
        console.run([*uv, "venv", "--python", base, "--allow-existing", folder], quiet=True)
        return Uv(console, uv, folder)
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            version = ".".join(map(str, sys.version_info[:2]))
            raise InstallError(
                f"{base} cannot create environments: install uv, or on Debian and Ubuntu the "
                f"package python{version}-venv."
            )
    console.say(f"Creating an environment from {base}")
    console.run([base, "-I", "-m", "venv", folder], quiet=True)
    pip = Pip(console, folder)
    try:
        pip.install(["--retries", "1", f"uv=={UV}"], backend=None, quiet=True)
    except CommandError:
        console.say("uv is not available; using pip")
        return pip
    return Uv(console, [str(interpreter_in(folder)), "-m", "uv"], folder)


def find_uv() -> list[str] | None:
    """Return the command of a recent uv on PATH or beside this Python; None if there is none."""
    candidates = []
    if program := shutil.which("uv"):
        candidates.append([program])
    if importlib.util.find_spec("uv"):
        candidates.append([sys.executable, "-m", "uv"])
    for command in candidates:
        try:
            answer = subprocess.run(
                [*command, "--version"], capture_output=True, encoding="utf-8", **spawn_options()
            )
        except OSError:
            continue  # a program of that name that does not start
        if uv_is_new_enough(answer.stdout):
            return command
    return None


def uv_is_new_enough(version: str) -> bool:
    """Whether the output of `uv --version` is recent enough."""
    found = re.match(r"uv (\d+)\.(\d+)", version)
    return found is not None and tuple(map(int, found.groups())) >= _OLDEST_UV
