"""The words of `sharpdepth sequence`."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from ...library import PRESETS, WEIGHTS
from ..errors import UsageError
from ..parser import Parser, field_of_view, intrinsics, name_or_folder, path_ending, whole_number

_SOURCES = ("camera", "clip")


def frame_range(text: str) -> list[int]:
    """A type of argument: frames such as `1-24` or `1-8,12,20-24`, ascending."""
    numbers = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d+)(?:\s*(?:-|\.\.)\s*(\d+))?\s*", part)
        if not found:
            raise argparse.ArgumentTypeError(f"{text!r} should be frames such as 1-24 or 1-8,12")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise argparse.ArgumentTypeError(f"{part.strip()!r} ends before it begins")
        if last - first > 1_000_000:
            raise argparse.ArgumentTypeError(f"{part.strip()!r} is more than a million frames")
        numbers.update(range(first, last + 1))
    return sorted(numbers)


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
        "--frames", type=frame_range, metavar="A-B",
        help="frames of the whole shot (default: the scene's range, or all frames of the files)",
    )  # fmt: skip
    parser.add_argument(
        "--chunk", type=frame_range, metavar="A-B",
        help="make these frames of the shot only; they are steadied when all are there",
    )  # fmt: skip
    parser.add_argument(
        "-o", dest="blend", type=path_ending(".blend"), metavar="OUT.blend",
        help="write the scene with the live object",
    )  # fmt: skip
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
    parser.add_argument(
        "--model", type=name_or_folder(PRESETS), default="preview", metavar="NAME|FOLDER",
        help=f"a preset, {', '.join(PRESETS)}, or a model folder (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--estimator", type=name_or_folder(WEIGHTS), metavar="NAME|FOLDER",
        help="another metric depth model than the preset's own",
    )  # fmt: skip
    parser.add_argument(
        "--output", choices=("mesh", "points"), default="mesh",
        help="what stands in the scene (default: %(default)s)",
    )  # fmt: skip
    camera = parser.add_mutually_exclusive_group()
    camera.add_argument(
        "--fov", type=field_of_view, metavar="DEGREES",
        help="without a .blend: field of view across the pictures' longer side",
    )  # fmt: skip
    camera.add_argument(
        "--intrinsics", type=intrinsics, metavar="FX,FY,CX,CY",
        help="without a .blend: focal lengths and principal point in pixels",
    )  # fmt: skip
    parser.add_argument(
        "--resolution", type=whole_number(16, 8192), metavar="N",
        help="longer side in pixels at which the model works (default: the model's own)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=whole_number(0, 2**63 - 1), default=0, metavar="N",
        help="seed of the noise, the same for all frames (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps"), default="auto",
        help="where the model runs (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--precision", choices=("auto", "fp32", "fp16", "bf16"), default="auto",
        help="of the U-Net's numbers (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line of stdout"
    )
    arguments = parser.parse_args(argv)
    if arguments.shot.lower().endswith(".blend") and (arguments.fov or arguments.intrinsics):
        raise UsageError("A .blend has a camera: --fov and --intrinsics are for pictures alone.")
    return arguments
