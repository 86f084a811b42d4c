"""The exception of the process room."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class JobError(Exception):
    """A job that came to nothing.

    Attributes:
        kind: Stable word for programs: one of the engine's or the library's kinds, or
            `engine_missing`, `child_died`, `wrong_version`, `bad_message`, `disk_full`,
            `disk_error`, `cancelled` or `internal`.
        message: One sentence for a person.
        log: For whoever looks into it: a traceback, or the last lines that the child wrote.
    """

    def __init__(self, kind: str, message: str, log: str = ""):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.log = log


@contextmanager
def naming_missing_packages() -> Iterator[None]:
    """Say so when the engine cannot be imported, or a library of it does not load."""
    try:
        yield
    except (ImportError, OSError) as error:
        text = f"The engine's Python {sys.executable} is not complete ({error})."
        raise JobError("engine_missing", f"{text} Run vendor_install.py to mend it.") from error
