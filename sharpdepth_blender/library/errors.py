"""The one exception that leaves the weights library on purpose."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LibraryError(Exception):
    """Something the user can understand and act on; `str` is a sentence.

    Attributes:
        kind: Stable word for programs: `unknown_weights`, `weights_missing`, `refused`, `damaged`,
            `wrong_hash`, `disk_full`, `not_writable`, `offline`, `not_found` or `connection`.
    """

    def __init__(self, kind: str, sentence: str):
        super().__init__(sentence)
        self.kind = kind

    def __reduce__(self):
        return type(self), (self.kind, str(self))


@contextmanager
def as_library_error(folder: Path) -> Iterator[None]:
    """Turn what a disk says into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise LibraryError(
                "disk_full",
                f"The disk of {folder} is full, or takes no file so large; what has arrived is "
                "kept for the next time.",
            ) from error
        reason = error.strerror or type(error).__name__
        raise LibraryError("not_writable", f"{folder} cannot be written: {reason}.") from error
