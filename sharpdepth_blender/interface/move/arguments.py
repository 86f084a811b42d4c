"""The words of `sharpdepth check-move`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..parser import Parser, frame_range, positive_number, share, whole_number
from ..words import add_json, add_scene


def parse_move(argv: Sequence[str]) -> argparse.Namespace:
    """The words after `check-move` as values; `start` and `end` are None without `--frames`.

    Raises:
        UsageError: A word is unknown, missing or has a value that it cannot take.
        SystemExit: `--help` was asked for and has been printed.
    """
    parser = Parser(
        prog="sharpdepth check-move",
        description="Tell in which frames of a shot holes, missing paint or stretched pictures are "
        "seen. The scene is not changed.",
    )
    add_scene(parser, "the scene, with its shot camera")
    parser.add_argument(
        "--frames", type=frame_range, default=(None, None), metavar="A-B",
        help="the frames to check (default: the scene's)",
    )  # fmt: skip
    parser.add_argument(
        "--step", type=whole_number(1, 10000), default=1, metavar="N",
        help="check one frame in N, and the last one (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--camera", metavar="NAME",
        help="the shot camera (default: the scene's, and those that its markers switch to)",
    )  # fmt: skip
    parser.add_argument(
        "--stretch", type=positive_number, default=2.0, metavar="X",
        help="a picture is stretched where one of its pixels is drawn over more than so many of "
        "the frame in a direction (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR",
        help="write a picture of each frame there: holes magenta, missing paint blue, stretched "
        "pictures orange",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=share, metavar="SHARE",
        help="exit with 1 if holes and missing paint together take more than this share, 0 to 1, "
        "of any frame",
    )  # fmt: skip
    add_json(parser)
    return parser.parse_args(argv)
