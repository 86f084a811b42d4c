"""The engine as a child process: messages, progress, cancel. Standard library and numpy."""

__all__ = ["Engine", "JobError"]


def __getattr__(name):
    """Import the client when asked for: the child's Python may lack numpy, and has to say so."""
    if name in __all__:
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
