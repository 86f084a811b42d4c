"""The exception that the engine raises on purpose, and what others say in theirs."""


class EngineError(Exception):
    """An error that the user can understand and fix.

    Attributes:
        kind: Stable identifier: `bad_image`, `bad_depth`, `bad_request`, `unknown_model`,
            `weights_missing`, `device_missing`, `out_of_memory`, `disk_full` or `disk_error`.
        message: One sentence for the user.
    """

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind
        self.message = message

    def __reduce__(self):
        return type(self), (self.kind, self.message)


def reason_of(error: Exception) -> str:
    """Return the first line of a library's long message, without its last stop."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".:") if lines else type(error).__name__
