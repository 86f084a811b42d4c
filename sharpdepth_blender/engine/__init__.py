"""The engine: a picture and its camera in, meters out. No Blender in here."""

__all__ = ["SharpDepth"]


def __getattr__(name):
    """Import PyTorch only when `SharpDepth` is asked for, so that reading a picture is quick."""
    if name == "SharpDepth":
        from .sharpdepth import SharpDepth

        return SharpDepth
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
