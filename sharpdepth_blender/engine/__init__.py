"""The depth engine: picture and intrinsics in, metric depth out. Does not use Blender."""

__all__ = ["SharpDepth"]


def __getattr__(name):
    """Import PyTorch only when `SharpDepth` is accessed, so that reading pictures stays fast."""
    if name == "SharpDepth":
        from .sharpdepth import SharpDepth

        return SharpDepth
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
