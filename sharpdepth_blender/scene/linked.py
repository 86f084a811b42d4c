"""Linked: what belongs to another file, where a change would be gone with the session."""

import bpy

from .errors import SceneError


class LinkedError(SceneError):
    """Something belongs to another file."""

    kind = "linked"


def is_linked(block: bpy.types.ID | None) -> bool:
    """Whether a datablock is linked from another file; a library override is not."""
    return block is not None and block.library is not None


def is_foreign(block: bpy.types.ID) -> bool:
    """Whether it is linked, or a library override, to which little may be added."""
    return block.library is not None or block.override_library is not None


def check_own(block: bpy.types.ID) -> None:
    """Raise LinkedError if a datablock is linked from another file, or a library override."""
    if is_foreign(block):
        raise LinkedError(
            "{name} is linked from another file: make it local first.", name=block.name
        )


def check_local(block: bpy.types.ID) -> None:
    """Raise LinkedError if a datablock is linked from another file."""
    if is_linked(block):
        raise LinkedError(
            "{name} is linked from another file: make it local first.", name=block.name
        )
