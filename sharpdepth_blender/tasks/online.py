"""Online: Blender's word on the network, the preference *Allow Online Access*."""

import bpy
from bpy.app.translations import pgettext_rpt

from ..library import LibraryError
from .errors import NotReady

_OFF = "Downloads are off: switch on Allow Online Access in Preferences > System."
_FORCED = "Downloads are off: Blender was started with --offline-mode."


def check_online_access(app=bpy.app) -> None:
    """Refuse where Blender's user has not allowed online access.

    The bpy wheel has no preferences that a user could set, and asks nobody.

    Args:
        app: What is asked.

    Raises:
        LibraryError: `offline`, with how to allow it.
    """
    is_program = bool(app.binary_path)  # `app.module` says so too, but not in 4.2 and 4.3
    if not is_program or app.online_access:
        return
    # Set where the command line decided, over the preference.
    if app.online_access_override:
        raise LibraryError(
            "offline",
            "Blender was started with --offline-mode, so nothing is downloaded: start it without, "
            "or add the weights from a folder with `sharpdepth models add`.",
        )
    raise LibraryError(
        "offline",
        "Blender may not go online: switch on Allow Online Access in Preferences > System, start "
        "it with `blender --online-mode --command sharpdepth ...`, or add the weights from a "
        "folder with `sharpdepth models add`.",
    )


def check_access() -> None:
    """Refuse where Blender may not go online.

    Raises:
        NotReady: With how to allow it.
    """
    try:
        check_online_access()
    except LibraryError as error:
        forced = "--offline-mode" in str(error)
        raise NotReady(pgettext_rpt(_FORCED if forced else _OFF)) from error


def why_offline() -> str:
    """Why nothing can be downloaded; empty when it can."""
    try:
        check_access()
    except NotReady as error:
        return str(error)
    return ""
