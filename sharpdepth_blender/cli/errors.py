"""What ends a command on purpose; each message is one sentence for a person."""


class UsageError(Exception):
    """The command line's words do not make sense."""

    kind = "usage"


class BadInput(Exception):
    """Something that the user gave cannot be used."""

    kind = "bad_input"


class Declined(Exception):
    """The user did not agree."""

    kind = "declined"


class Interrupted(Exception):
    """The user pressed Ctrl+C."""

    kind = "cancelled"
