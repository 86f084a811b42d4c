"""The command `sharpdepth export`."""

from .arguments import parse_export
from .command import run_export

__all__ = ["parse_export", "run_export"]
