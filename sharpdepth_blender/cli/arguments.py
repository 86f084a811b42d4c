"""Arguments: what the words of every command have in common."""

import argparse
import math
import re
from collections.abc import Container
from pathlib import Path

from ..library import PRESETS, WEIGHTS
from .errors import UsageError


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, instead of printing its usage and leaving Blender."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        # Frames such as `-3-5` are no option either.
        self._negative_number_matcher = re.compile(r"-\d")

    def error(self, message: str):
        """Raise the `UsageError`."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def path_ending(*suffixes: str):
    """A type of argument: a file whose name ends in one of `suffixes`."""

    def path(text: str) -> Path:
        if not text.lower().endswith(suffixes):
            raise argparse.ArgumentTypeError(f"{text!r} should end in {' or '.join(suffixes)}")
        return Path(text)

    return path


def name_or_folder(names: Container[str]):
    """A type of argument: one of `names`, or else a folder that exists."""

    def name_or_folder(text: str) -> str | Path:
        return Path(text) if text not in names and Path(text).is_dir() else text

    return name_or_folder


def whole_number(smallest: int, largest: int):
    """A type of argument: a whole number in a range, ends included."""

    def whole_number(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = smallest - 1
        if not smallest <= number <= largest:
            raise argparse.ArgumentTypeError(
                f"{text!r} should be a whole number from {smallest} to {largest}"
            )
        return number

    return whole_number


def positive_number(text: str) -> float:
    """A type of argument: a finite number above zero."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} should be a number above zero")
    return number


def share(text: str) -> float:
    """A type of argument: a number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} should be a share from 0 to 1")
    return number


def frame_range(text: str) -> tuple[int, int]:
    """A type of argument: first and last frame, `1-24` or `1..24`, or a single one."""
    found = re.fullmatch(r"\s*(-?\d+)(?:\s*(?:-|\.\.)\s*(-?\d+))?\s*", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} should be frames, such as 1-24")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise argparse.ArgumentTypeError(f"{text.strip()!r} ends before it begins")
    return first, last


def frame_numbers(text: str) -> list[int]:
    """A type of argument: frames such as `1-24` or `1-8,12,20-24`, ascending."""
    numbers = set()
    for part in text.split(","):
        first, last = frame_range(part)
        if last - first > 1_000_000:
            raise argparse.ArgumentTypeError(f"{part.strip()!r} is more than a million frames")
        numbers.update(range(first, last + 1))
    return sorted(numbers)


def field_of_view(text: str) -> float:
    """A type of argument: degrees."""
    try:
        degrees = float(text)
    except ValueError:
        degrees = 0.0
    if not 1 <= degrees <= 175:
        raise argparse.ArgumentTypeError(f"{text!r} should be degrees from 1 to 175")
    return degrees


def intrinsics(text: str) -> tuple[float, ...]:
    """A type of argument: four numbers in pixels, with commas between them."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or min(numbers[:2]) <= 0:
        raise argparse.ArgumentTypeError(
            f"{text!r} should be four numbers FX,FY,CX,CY in pixels, the first two above zero"
        )
    return numbers


def add_json(parser: Parser) -> None:
    """Give a command the word `--json`."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line of stdout"
    )


def add_scene(parser: Parser, what: str) -> None:
    """Give a command a scene as its first word; `what` says what is to be in it."""
    parser.add_argument("scene", type=path_ending(".blend"), metavar="SCENE.blend", help=what)


def add_blend(parser: Parser, what: str, required: bool = True) -> None:
    """Give a command the word `-o`; `what` says which scene is written."""
    parser.add_argument(
        "-o", dest="blend", type=path_ending(".blend"), required=required, metavar="OUT.blend",
        help=what,
    )  # fmt: skip


def add_lens(parser: Parser, fov: str, pixels: str) -> None:
    """Give a command `--fov` or `--intrinsics`, with what it says of them."""
    camera = parser.add_mutually_exclusive_group()
    camera.add_argument("--fov", type=field_of_view, metavar="DEGREES", help=fov)
    camera.add_argument("--intrinsics", type=intrinsics, metavar="FX,FY,CX,CY", help=pixels)


def add_model(parser: Parser) -> None:
    """Give a command the words that choose the models, and where and how these run."""
    parser.add_argument(
        "--model", type=name_or_folder(PRESETS), default="preview", metavar="NAME|FOLDER",
        help=f"a preset, {', '.join(PRESETS)}, or a model folder (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--estimator", type=name_or_folder(WEIGHTS), metavar="NAME|FOLDER",
        help="another metric depth model than the preset's own: weights that `sharpdepth models` "
        "lists, or a folder",
    )  # fmt: skip
    parser.add_argument(
        "--resolution", type=whole_number(16, 8192), metavar="N",
        help="longer side in pixels at which the model works (default: the model's own)",
    )  # fmt: skip
    parser.add_argument(
        "--detail", choices=("off", "edges", "tiles"), default="edges",
        help="off: enlarge depth smoothly from the resolution that the model sees; edges: make its "
        "edges as sharp as the picture at its own resolution; tiles: also look at the picture in "
        "overlapping parts, which finds smaller things and takes many times longer (default: "
        "%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=whole_number(0, 2**63 - 1), default=0, metavar="N",
        help="seed of the noise; the same seed gives the same result (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps"), default="auto",
        help="where the model runs (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--precision", choices=("auto", "fp32", "fp16", "bf16"), default="auto",
        help="of the U-Net's numbers; auto is fp16 on CUDA and fp32 elsewhere "
        "(default: %(default)s)",
    )  # fmt: skip


def add_output(parser: Parser) -> None:
    """Give a command the word `--output`."""
    parser.add_argument(
        "--output", choices=("mesh", "points"), default="mesh",
        help="what stands in the scene (default: %(default)s)",
    )  # fmt: skip
