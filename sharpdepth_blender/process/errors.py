"""The exception of the process room."""


class JobError(Exception):
    """A job that came to nothing.

    Attributes:
        kind: Stable word for programs: one of the engine's kinds, or `engine_missing`,
            `child_died`, `wrong_version`, `bad_message`, `disk_full`, `disk_error`, `cancelled`
            or `internal`.
        message: One sentence for a person.
        log: For whoever looks into it: a traceback, or the last lines that the child wrote.
    """

    def __init__(self, kind: str, message: str, log: str = ""):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.log = log
