"""Suppress output: what Blender writes to this process's own streams, which are the command's."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def suppress_output(name: str) -> Iterator[None]:
    """Have what Blender itself writes to a stream go nowhere until the block ends.

    Args:
        name: `stdout`, to which it writes for each frame that it renders, or `stderr`, where its
            readers complain of files.
    """
    stream, number = getattr(sys, name), {"stdout": 1, "stderr": 2}[name]
    stream.flush()
    kept, nowhere = os.dup(number), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, number)
        yield
    finally:
        stream.flush()
        os.dup2(kept, number)
        os.close(kept)
        os.close(nowhere)
