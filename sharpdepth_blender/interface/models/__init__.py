"""The command `sharpdepth models`."""

from .arguments import parse_models
from .command import run_models

__all__ = ["parse_models", "run_models"]
