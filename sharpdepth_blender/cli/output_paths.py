"""Output paths: files that a command is to write."""

import os
from collections.abc import Iterable
from pathlib import Path

from .errors import BadInput


def check_outputs(outputs: Iterable[Path | None], inputs: Iterable[Path | None] = ()) -> None:
    """Find out before the work what would spoil it at the end.

    Args:
        outputs: Files to write; None for one that nobody asked for.
        inputs: Files to read, which they must not be.

    Raises:
        BadInput: One cannot be written.
    """
    read = {path.resolve() for path in inputs if path is not None}
    for path in outputs:
        if path is None:
            continue
        if not path.parent.is_dir():
            raise BadInput(f"{path} cannot be written: the folder {path.parent} does not exist.")
        if path.is_dir():
            raise BadInput(f"{path} cannot be written: it is a folder.")
        if not os.access(path.parent, os.W_OK):
            raise BadInput(f"{path} cannot be written: the folder {path.parent} is read-only.")
        if path.resolve() in read:
            raise BadInput(f"{path} is to be read and written at once; give another name.")
