"""`python -m sharpdepth_blender`: the command line, where the bpy wheel is installed."""

import importlib.util
import sys

if importlib.util.find_spec("bpy") is None:
    sys.exit(
        "sharpdepth: this Python has no Blender; install one with `pip install bpy`, "
        "or run `blender --command sharpdepth` instead."
    )

from .cli.main import main  # noqa: E402  (the check above answers first)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
