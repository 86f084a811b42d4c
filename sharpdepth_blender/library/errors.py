"""The exception that the weights library raises on purpose."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LibraryError(Exception):
    """An error that the user can understand and fix; `str` is a sentence.

    Attributes:
        kind: Stable identifier: `unknown_weights`, `weights_missing`, `refused`, `damaged`,
            `wrong_hash`, `disk_full`, `not_writable`, `offline`, `not_found` or `connection`.
    """

    def __init__(self, kind: str, sentence: str):
        super().__init__(sentence)
        self.kind = kind

    def __reduce__(self):
        return type(self), (self.kind, str(self))


@contextmanager
def as_library_error(folder: Path) -> Iterator[None]:
    """Convert disk errors into sentences."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise LibraryError(
                "disk_full",
                f"The disk of {folder} is full, or does not support files this large; "
                "the partial download is kept.",
            ) from error
        reason = error.strerror or type(error).__name__
        raise LibraryError("not_writable", f"Cannot write to {folder}: {reason}.") from error
