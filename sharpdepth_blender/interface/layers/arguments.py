"""The words of `sharpdepth layers`."""

import argparse
import math
from collections.abc import Sequence

from ...geometry.thresholds import FEWEST, MOST
from ..parser import Parser, positive_number, whole_number
from ..words import add_blend, add_json, add_scene


def parse_layers(argv: Sequence[str]) -> argparse.Namespace:
    """The words after `layers` as values; what is to be proposed is None.

    Raises:
        UsageError: A word is unknown, missing or has a value that it cannot take.
        SystemExit: `--help` was asked for and has been printed.
    """
    parser = Parser(
        prog="sharpdepth layers",
        description="Split a depth result of a scene into layers, each continued behind the edges "
        "of those before it, so that the camera may move. The result is hidden.",
    )
    add_scene(parser, "the scene, with a live depth result")
    add_blend(parser, "the scene to write")
    parser.add_argument(
        "--object", metavar="NAME", help="the result (default: the only live one of the scene)"
    )
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument(
        "--count", type=whole_number(FEWEST, MOST), default=4, metavar="N",
        help="layers beside the sky, parted where the depth histogram proposes "
        "(default: %(default)s)",
    )  # fmt: skip
    parts.add_argument(
        "--thresholds", type=ascending_lengths, metavar="A,B,C",
        help="depths in metres at which one layer ends and the next begins, with commas between",
    )  # fmt: skip
    parser.add_argument(
        "--sky", type=length, metavar="METRES",
        help="what lies beyond is the sky; 0 for what has no depth alone (default: the result's "
        "limit Far, or else a gap of the depth at the top of the picture)",
    )  # fmt: skip
    parser.add_argument(
        "--cards", action="store_true", help="flat cards at the layers' depths, not relief"
    )
    parser.add_argument(
        "--move", type=positive_number, metavar="METRES",
        help="how far the camera may go in any direction without a hole to be seen "
        "(default: a tenth of the nearest layer's depth)",
    )  # fmt: skip
    parser.add_argument(
        "--edge", type=whole_number(0, 32), default=3, metavar="PIXELS",
        help="over how many pixels a layer's edge fades (default: %(default)s)",
    )  # fmt: skip
    add_json(parser)
    return parser.parse_args(argv)


def length(text: str) -> float:
    """A type of argument: metres, 0 or more."""
    try:
        metres = float(text)
    except ValueError:
        metres = -1.0
    if not 0 <= metres < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} should be a number of metres, 0 or more")
    return metres


def ascending_lengths(text: str) -> tuple[float, ...]:
    """A type of argument: ascending metres with commas between them, above 0."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    pairs = zip((0.0, *numbers), (*numbers, math.inf), strict=True)
    if not FEWEST <= len(numbers) + 1 <= MOST or not all(one < other for one, other in pairs):
        raise argparse.ArgumentTypeError(
            f"{text!r} should be {FEWEST - 1} to {MOST - 1} ascending numbers of metres above "
            "zero, with commas between them"
        )
    return numbers
