"""Making: datablocks that are all there in the end, or none of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

import bpy

from .node_groups import remove_unused_groups

_Block = TypeVar("_Block", bound=bpy.types.ID)


class Track(Protocol):
    """What `transaction` gives."""

    def __call__(self, datablock: _Block) -> _Block:
        """Note that a datablock was made, and return it."""


@contextmanager
def transaction() -> Iterator[Track]:
    """Give `track(datablock)`, which notes what was made; all of it is removed on an error."""
    made = []

    def track(datablock: _Block) -> _Block:
        made.append(datablock)
        return datablock

    try:
        yield track
    except BaseException:
        bpy.data.batch_remove(made)
        remove_unused_groups()
        raise
