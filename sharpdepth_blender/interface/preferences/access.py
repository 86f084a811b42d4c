"""Access: whether the network may be used, in words for the preferences."""

from bpy.app.translations import pgettext_rpt

from ...library import LibraryError
from .. import online
from ..errors import NotReady


def check_access() -> None:
    """Refuse where Blender may not go online.

    Raises:
        NotReady: With how to allow it.
    """
    try:
        online.check_online_access()
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


_OFF = "Downloads are off: switch on Allow Online Access in Preferences > System."
_FORCED = "Downloads are off: Blender was started with --offline-mode."
