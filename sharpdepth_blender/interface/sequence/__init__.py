"""The command `sharpdepth sequence`, and the work behind it and behind the operator."""

from .arguments import parse_sequence
from .command import run_sequence

__all__ = ["parse_sequence", "run_sequence"]
