"""The command `sharpdepth project`."""

from .arguments import parse_project
from .command import run_project

__all__ = ["parse_project", "run_project"]
