"""Making: datablocks that are all there in the end, or none of them."""

from contextlib import contextmanager

import bpy

from .node_groups import remove_unused_groups


@contextmanager
def transaction():
    """Give `track(datablock)`, which notes what was made; all of it is removed on an error."""
    made = []

    def track(datablock):
        made.append(datablock)
        return datablock

    try:
        yield track
    except BaseException:
        bpy.data.batch_remove(made)
        remove_unused_groups()
        raise
