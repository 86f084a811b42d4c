"""Exceptions that end a command on purpose; each message is one sentence for the user."""


class UsageError(Exception):
    """The command line is invalid."""

    kind = "usage"


class BadInput(Exception):
    """An input cannot be used."""

    kind = "bad_input"


class Declined(Exception):
    """The user did not agree."""

    kind = "declined"


class Interrupted(Exception):
    """The user pressed Ctrl+C."""

    kind = "cancelled"
