"""The command `sharpdepth layers`."""

from .arguments import parse_layers
from .command import run_layers

__all__ = ["parse_layers", "run_layers"]
