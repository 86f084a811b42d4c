"""Suppress stdout: it is the result's, and Blender writes to it for each frame it renders."""

import os
import sys
from contextlib import contextmanager


@contextmanager
def suppress_stdout():
    """Have what Blender itself writes to stdout go nowhere until the block ends."""
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
