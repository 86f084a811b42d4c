"""Getting weights from where they are published. Needs huggingface_hub: the engine's environment.

Nothing is downloaded but by `get`, and nobody calls that unasked.
"""

from .get import get

__all__ = ["get"]
