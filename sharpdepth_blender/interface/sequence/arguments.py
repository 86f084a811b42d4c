"""The words of `sharpdepth sequence`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from ..parser import Parser, frame_numbers, whole_number
from ..words import add_blend, add_json, add_lens, add_model, add_output


def parse_sequence(argv: Sequence[str]) -> argparse.Namespace:
    """The words after `sequence` as values.

    Raises:
        UsageError: A word is unknown, missing or has a value that it cannot take.
        SystemExit: `--help` was asked for and has been printed.
    """
    parser = Parser(
        prog="sharpdepth sequence",
        description="Turn the frames of a shot into float depth that is steady over time, and into "
        "one live object that follows the frame.",
        epilog=(
            "What is finished is skipped: the same command goes on where it was stopped. "
            "With --chunk, several computers share a shot: each makes its own frames, "
            "and the last call, without --chunk, puts them together."
        ),
    )
    parser.add_argument(
        "shot", metavar="SHOT",
        help="a .blend file, whose scene and camera are used; or without one a movie, an image of "
        "a sequence, or its name with # for digits, such as plate.####.png",
    )  # fmt: skip
    parser.add_argument(
        "--into", type=Path, required=True, metavar="FOLDER",
        help="where the files of the frames go: depth and metric depth as 32-bit float EXR in "
        "metres, pictures, and shot.json with cameras, scales, cuts and jumps",
    )  # fmt: skip
    parser.add_argument(
        "--frames", type=frame_numbers, metavar="A-B",
        help="frames of the whole shot (default: the scene's range, or all frames of the files)",
    )  # fmt: skip
    parser.add_argument(
        "--chunk", type=frame_numbers, metavar="A-B",
        help="make these frames of the shot only; they are steadied when all are there",
    )  # fmt: skip
    add_blend(parser, "write the scene with the live object", required=False)
    parser.add_argument(
        "--source", default="camera", metavar="camera|clip|IMAGE",
        help="of a .blend: the background image of the scene's camera, its movie clip, or the name "
        "of an image in the file (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--window", type=whole_number(0, 100), default=5, metavar="N",
        help="frames before and after each that steady it; 0 leaves every frame as it is alone "
        "(default: %(default)s)",
    )  # fmt: skip
    add_model(parser)
    add_output(parser)
    add_lens(
        parser,
        "without a .blend: field of view across the pictures' longer side",
        "without a .blend: focal lengths and principal point in pixels",
    )
    add_json(parser)
    arguments = parser.parse_args(argv)
    if arguments.shot.lower().endswith(".blend") and (arguments.fov or arguments.intrinsics):
        raise UsageError("A .blend has a camera: --fov and --intrinsics are for pictures alone.")
    return arguments
