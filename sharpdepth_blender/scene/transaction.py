"""Transaction: either all datablocks of an operation are made, or none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

import bpy

from .node_groups import remove_unused_groups

_Block = TypeVar("_Block", bound=bpy.types.ID)


class Track(Protocol):
    """The function that `transaction` yields."""

    def __call__(self, datablock: _Block) -> _Block:
        """Remember a new datablock, and return it."""


@contextmanager
def transaction() -> Iterator[Track]:
    """Yield `track(datablock)`; everything tracked is removed again if the block raises."""
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
