"""Folders of wheels that are to be used before a package index."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..environment import spawn_options
from .console import InstallError


def find_links(option: str | None, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Places with wheels: folders, or pages for those who have one.

    Args:
        option: What the user named, which then is the only place. Without it, the places that uv's
            and pip's variables and pip's configuration name.
        environ: Environment variables.

    Raises:
        InstallError: The user named a folder that is not there.
    """
    if option:
        place = _absolute(option)
        if "://" not in place and not os.path.isdir(place):
            raise InstallError(f"There is no folder {place}.")
        return [place]
    # pip separates by white space, uv by commas.
    places = environ.get("UV_FIND_LINKS", "").split(",")
    places += environ.get("PIP_FIND_LINKS", "").split() or _pip_configured()
    return list(dict.fromkeys(_absolute(place.strip()) for place in places if place.strip()))


def _absolute(place: str) -> str:
    if "://" in place:
        return place
    return os.path.abspath(Path(place).expanduser())


def _pip_configured() -> list[str]:
    """Places that pip's configuration files name; none where this Python has no pip."""
    # Not `get`: pip 23 does not find there what it lists here.
    command = [sys.executable, "-X", "utf8", "-m", "pip", "config", "list"]
    answer = subprocess.run(command, capture_output=True, encoding="utf-8", **spawn_options())
    values = re.findall(r"^(?:global|install)\.find-links=(.+)$", answer.stdout, re.MULTILINE)
    return [place for value in values for place in ast.literal_eval(value).split()]
