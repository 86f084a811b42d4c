"""The command `sharpdepth check-move`."""

from .arguments import parse_move
from .command import run_move

__all__ = ["parse_move", "run_move"]
