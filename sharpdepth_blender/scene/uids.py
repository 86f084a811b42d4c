"""Uids: datablocks that are kept by their session uid, while the user may change anything."""

from collections.abc import Iterable
from typing import TypeVar

import bpy

_Block = TypeVar("_Block", bound=bpy.types.ID)


def find_by_uid(datablocks: Iterable[_Block], uid: int | None) -> _Block | None:
    """The one of some datablocks with a session uid; None where it is gone, or for no uid."""
    if uid is None:
        return None
    return next((block for block in datablocks if block.session_uid == uid), None)
