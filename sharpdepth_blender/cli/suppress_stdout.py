"""Suppress stdout: it is reserved for the result, but Blender writes to it for each render."""

import os
import sys
from contextlib import contextmanager


@contextmanager
def suppress_stdout():
    """Discard Blender's own output to stdout within the block."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
