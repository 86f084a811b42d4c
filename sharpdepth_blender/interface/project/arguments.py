"""The words of `sharpdepth project`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..parser import Parser, share, whole_number
from ..words import add_blend, add_json, add_scene


def parse_project(argv: Sequence[str]) -> argparse.Namespace:
    """The words after `project` as values.

    Raises:
        UsageError: A word is unknown, missing or has a value that it cannot take.
        SystemExit: `--help` was asked for and has been printed.
    """
    parser = Parser(
        prog="sharpdepth project",
        description="Project a picture from a locked copy of its camera onto meshes of a scene. "
        "What the camera cannot see gets no paint.",
    )
    add_scene(parser, "the scene, with the camera that took the picture")
    add_blend(parser, "the scene to write, with the picture packed")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE",
        help="the picture, which lies as a whole in the camera's frame unless it is its background "
        "(default: the camera's background)",
    )  # fmt: skip
    parser.add_argument(
        "--camera", metavar="NAME", help="the camera that took it (default: the scene's)"
    )
    parser.add_argument(
        "--onto", nargs="+", metavar="NAME",
        help="the meshes that get it (default: all that render)",
    )  # fmt: skip
    parser.add_argument(
        "--frame", type=whole_number(-1048574, 1048574), metavar="N",
        help="the frame at which it was taken (default: the scene's current one)",
    )  # fmt: skip
    mask = parser.add_mutually_exclusive_group()
    mask.add_argument(
        "--mask", type=Path, metavar="FILE",
        help="paint only where this picture, which fits the other, is white",
    )  # fmt: skip
    mask.add_argument(
        "--attribute", metavar="NAME",
        help="paint only where this colour attribute of the meshes is white",
    )  # fmt: skip
    parser.add_argument(
        "--facing-fade", type=share, default=0.0, metavar="SHARE",
        help="fade where the cosine of the angle between surface and view is below this "
        "(default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-material", action="store_true",
        help="show the former materials where nothing is painted, and not nothing",
    )  # fmt: skip
    parser.add_argument(
        "--bake", type=whole_number(16, 16384), metavar="SIZE",
        help="also bake what is projected onto each mesh into a texture with this side in pixels, "
        "and show that",
    )  # fmt: skip
    add_json(parser)
    return parser.parse_args(argv)
