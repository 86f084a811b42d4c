"""Output paths: checks of the files to write."""

import os
from collections.abc import Iterable
from pathlib import Path

from .errors import BadInput


def check_outputs(outputs: Iterable[Path | None], inputs: Iterable[Path | None] = ()) -> None:
    """Check in advance that the outputs can be written.

    Args:
        outputs: Files to write; None if not requested.
        inputs: Files to read, which must not be overwritten.

    Raises:
        BadInput: A file cannot be written.
    """
    read = {path.resolve() for path in inputs if path is not None}
    for path in outputs:
        if path is None:
            continue
        if not path.parent.is_dir():
            raise BadInput(f"Cannot write {path}: the folder {path.parent} does not exist.")
        if path.is_dir():
            raise BadInput(f"Cannot write {path}: it is a folder.")
        if not os.access(path.parent, os.W_OK):
            raise BadInput(f"Cannot write {path}: the folder {path.parent} is read-only.")
        if path.resolve() in read:
            raise BadInput(f"{path} is both input and output; choose another name.")
