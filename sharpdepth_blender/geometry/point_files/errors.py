"""Errors of files of points."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


class PointFileError(ValueError):
    """A file of points cannot be used.

    Args:
        path: Of the file.
        clause: What is wrong and how to mend it: a clause that follows the file's name.
    """

    def __init__(self, path: str | os.PathLike[str], clause: str) -> None:
        super().__init__(clause)
        self.path = path


@contextmanager
def naming_unreadable(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say which file the system does not give."""
    try:
        yield
    except OSError as error:
        why = error.strerror[:1].lower() + error.strerror[1:] if error.strerror else error
        raise PointFileError(path, f"cannot be read: {why}") from error
