"""Arguments: parsers and options shared by the commands."""

import argparse
import math
import re
from collections.abc import Container
from pathlib import Path
from typing import Any

from ..library import PRESETS, WEIGHTS
from ..process.infer_request import LARGEST, SMALLEST
from .errors import UsageError


class Parser(argparse.ArgumentParser):
    """Raises one-sentence errors instead of printing the usage and quitting Blender."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        # Frames such as `-3-5` are no option either.
        self._negative_number_matcher = re.compile(r"-\d")

    def error(self, message: str):
        """Raise the `UsageError`."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def path_ending(*suffixes: str):
    """Return an argument type: a file with one of these suffixes."""

    def path(text: str) -> Path:
        if not text.lower().endswith(suffixes):
            raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(suffixes)}")
        return Path(text)

    return path


def name_or_folder(names: Container[str]):
    """Return an argument type: one of `names`, or an existing folder."""

    def name_or_folder(text: str) -> str | Path:
        # An empty word, such as an unset variable's, would be the current folder.
        if not text.strip():
            raise argparse.ArgumentTypeError("a name or a folder is missing")
        return Path(text) if text not in names and Path(text).is_dir() else text

    return name_or_folder


def whole_number(smallest: int, largest: int):
    """Return an argument type: an integer in an inclusive range."""

    def whole_number(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = smallest - 1
        if not smallest <= number <= largest:
            raise argparse.ArgumentTypeError(
                f"{text!r} must be an integer from {smallest} to {largest}"
            )
        return number

    return whole_number


def positive_number(text: str) -> float:
    """Argument type: a finite positive number."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} must be a positive number")
    return number


def share(text: str) -> float:
    """Argument type: a number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 0 to 1")
    return number


def frame_range(text: str) -> tuple[int, int]:
    """Argument type: first and last frame, `1-24` or `1..24`, or a single frame."""
    found = re.fullmatch(r"\s*(-?\d+)(?:\s*(?:-|\.\.)\s*(-?\d+))?\s*", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} must be a frame range such as 1-24")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise argparse.ArgumentTypeError(f"{text.strip()!r} ends before it begins")
    return first, last


def frame_numbers(text: str) -> list[int]:
    """Argument type: ascending frames such as `1-24` or `1-8,12,20-24`."""
    numbers = set()
    for part in text.split(","):
        first, last = frame_range(part)
        if last - first > 1_000_000:
            raise argparse.ArgumentTypeError(f"{part.strip()!r} is more than a million frames")
        numbers.update(range(first, last + 1))
    return sorted(numbers)


def field_of_view(text: str) -> float:
    """Argument type: degrees."""
    try:
        degrees = float(text)
    except ValueError:
        degrees = 0.0
    if not (1 <= degrees <= 175 or degrees == 360):
        raise argparse.ArgumentTypeError(
            f"{text!r} must be an angle from 1 to 175 degrees, or 360 of a panorama"
        )
    return degrees


def intrinsics(text: str) -> tuple[float, ...]:
    """Argument type: four comma-separated numbers in pixels."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or min(numbers[:2]) <= 0:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be four numbers FX,FY,CX,CY in pixels, with FX and FY positive"
        )
    return numbers


def add_json(parser: Parser) -> None:
    """Add `--json` to a command."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line of stdout"
    )


def add_scene(parser: Parser, what: str) -> None:
    """Add a scene as the first argument; `what` describes it."""
    parser.add_argument("scene", type=path_ending(".blend"), metavar="SCENE.blend", help=what)


def add_blend(parser: Parser, what: str, required: bool = True) -> None:
    """Add `-o` to a command; `what` describes the written scene."""
    parser.add_argument(
        "-o", dest="blend", type=path_ending(".blend"), required=required, metavar="OUT.blend",
        help=what,
    )  # fmt: skip


def add_lens(parser: Parser, fov: str, pixels: str) -> None:
    """Add `--fov` and `--intrinsics` to a command, with their help texts."""
    camera = parser.add_mutually_exclusive_group()
    camera.add_argument("--fov", type=field_of_view, metavar="DEGREES", help=fov)
    camera.add_argument("--intrinsics", type=intrinsics, metavar="FX,FY,CX,CY", help=pixels)


def engine_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the options of `add_model` ask of the engine, as of `InferRequest`."""
    names = ("model", "estimator", "device", "precision", "resolution", "detail", "seed")
    return {name: getattr(arguments, name) for name in names}


def add_model(parser: Parser) -> None:
    """Add the options for models, device and precision to a command."""
    parser.add_argument(
        "--model", type=name_or_folder(PRESETS), default="preview", metavar="NAME|FOLDER",
        help=f"a preset, {', '.join(PRESETS)}, or a model folder (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--estimator", type=name_or_folder(WEIGHTS), metavar="NAME|FOLDER",
        help="metric depth model to use instead of the preset's own: weights listed by "
        "`sharpdepth models`, or a folder",
    )  # fmt: skip
    parser.add_argument(
        "--resolution", type=whole_number(SMALLEST, LARGEST), metavar="N",
        help="processing resolution: longer side in pixels (default: the model's own)",
    )  # fmt: skip
    parser.add_argument(
        "--detail", choices=("off", "edges", "tiles"), default="edges",
        help="off: upsample depth smoothly from the processing resolution; edges: make depth edges "
        "as sharp as the full-size picture; tiles: also process the picture in overlapping tiles, "
        "which resolves smaller objects and takes many times longer (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=whole_number(0, 2**63 - 1), default=0, metavar="N",
        help="seed of the noise; the same seed gives the same result (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps"), default="auto",
        help="device to run the model on (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--precision", choices=("auto", "fp32", "fp16", "bf16", "fast"), default="auto",
        help="floating-point precision of the U-Net; auto is fp16 on CUDA and fp32 elsewhere; fast "
        "is bf16 for the autoencoder too, on CPUs that have it (default: %(default)s)",
    )  # fmt: skip


def add_output(parser: Parser) -> None:
    """Add `--output` to a command."""
    parser.add_argument(
        "--output", choices=("mesh", "points"), default="mesh",
        help="object type in the scene (default: %(default)s)",
    )  # fmt: skip
