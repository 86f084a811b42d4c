"""Folders of wheels that are to be used before a package index."""

import os
from collections.abc import Mapping
from pathlib import Path

from .console import InstallError
from .pip_settings import pip_settings


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
    places += environ.get("PIP_FIND_LINKS", "").split() or pip_settings().find_links
    return list(dict.fromkeys(_absolute(place.strip()) for place in places if place.strip()))


def _absolute(place: str) -> str:
    if "://" in place:
        return place
    return os.path.abspath(Path(place).expanduser())
