"""Errors that keep a task from starting; each message is one sentence for the user."""


class NotReady(Exception):
    """A requirement is not installed."""

    kind = "not_ready"
