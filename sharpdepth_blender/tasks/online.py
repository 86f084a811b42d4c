"""Online: Blender's preference *Allow Online Access*."""

import bpy
from bpy.app.translations import pgettext_rpt

from ..library import LibraryError
from .errors import NotReady

_OFF = "Downloads are disabled: turn on Allow Online Access in Preferences > System."
_FORCED = "Downloads are disabled: Blender was started with --offline-mode."


def check_online_access(app=bpy.app) -> None:
    """Raise if the user has not allowed online access in Blender.

    The bpy wheel has no user preferences, so it is always allowed there.

    Args:
        app: Source of the setting.

    Raises:
        LibraryError: `offline`, with instructions.
    """
    is_program = bool(app.binary_path)
    if not is_program or app.online_access:
        return
    # Set if the command line overrides the preference.
    if app.online_access_override:
        raise LibraryError(
            "offline",
            "Blender was started with --offline-mode: restart it without to download, or add the "
            "weights from a folder with `sharpdepth models add`.",
        )
    raise LibraryError(
        "offline",
        "Online access is disabled: turn on Allow Online Access in Preferences > System, start "
        "Blender with `blender --online-mode --command sharpdepth ...`, or add the weights from a "
        "folder with `sharpdepth models add`.",
    )


def check_access() -> None:
    """Raise if online access is not allowed.

    Raises:
        NotReady: With instructions.
    """
    try:
        check_online_access()
    except LibraryError as error:
        raise NotReady(pgettext_rpt(_FORCED if is_forced_offline() else _OFF)) from error


def is_forced_offline() -> bool:
    """Whether downloads are disabled by the command line, against which no preference helps."""
    try:
        check_online_access()
    except LibraryError as error:
        return "--offline-mode" in str(error)
    return False


def why_offline() -> str:
    """Return why downloads are disabled; empty if they are not."""
    try:
        check_access()
    except NotReady as error:
        return str(error)
    return ""
