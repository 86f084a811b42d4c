"""The engine as a child process: messages, progress, cancel. Standard library and numpy."""

__all__ = ["Engine", "JobError"]


def __getattr__(name):
    """Import the client on access, so that a child without numpy can still report it."""
    if name in __all__:
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
