"""Wheel locations that take precedence over the package index."""

import os
from collections.abc import Mapping
from pathlib import Path

from .console import InstallError
from .pip_settings import pip_settings


def find_links(option: str | None, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the wheel locations, folders or web pages.

    Args:
        option: Location given by the user, which is then the only one. Otherwise, the locations
            from the variables of uv and pip and from pip's configuration are used.
        environ: Environment variables.

    Raises:
        InstallError: The given folder does not exist.
    """
    if option:
        place = _absolute(option)
        if "://" not in place and not os.path.isdir(place):
            raise InstallError(f"Folder not found: {place}.")
        return [place]
    # pip separates by white space, uv by commas.
    places = environ.get("UV_FIND_LINKS", "").split(",")
    places += environ.get("PIP_FIND_LINKS", "").split() or pip_settings().find_links
    return list(dict.fromkeys(_absolute(place.strip()) for place in places if place.strip()))


def _absolute(place: str) -> str:
    if "://" in place:
        return place
    return os.path.abspath(Path(place).expanduser())
