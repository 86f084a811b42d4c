"""The exception of `process`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class JobError(Exception):
    """A failed or canceled job.

    Attributes:
        kind: Stable identifier: one of the engine's or the library's kinds, or `engine_missing`,
            `child_died`, `wrong_version`, `bad_message`, `disk_full`, `disk_error`, `cancelled` or
            `internal`.
        message: One sentence for the user.
        log: For debugging: a traceback, or the last lines of the child's output.
    """

    def __init__(self, kind: str, message: str, log: str = ""):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.log = log


@contextmanager
def naming_missing_packages() -> Iterator[None]:
    """Convert import errors of the engine and its libraries to a `JobError`."""
    try:
        yield
    except (ImportError, OSError) as error:
        raise JobError("engine_missing", explain_missing(error)) from error


def explain_missing(error: Exception) -> str:
    """Return the sentence about an error of this interpreter's packages."""
    reason = str(error).strip().partition("\n")[0]
    text = f"The engine's Python {sys.executable} is incomplete ({reason})."
    return f"{text} Run vendor_install.py to repair it."
