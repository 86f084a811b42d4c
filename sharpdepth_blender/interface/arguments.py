"""The words of the command line."""

import argparse
import math
from collections.abc import Container, Sequence
from pathlib import Path

from ..library import PRESETS, WEIGHTS
from .errors import UsageError


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, instead of printing its usage and leaving Blender."""

    def error(self, message: str):
        """Raise the `UsageError`."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def parse_picture(argv: Sequence[str]) -> argparse.Namespace:
    """The command line as values, checked as far as words alone can be.

    Raises:
        UsageError: a flag is unknown, missing or has a value that it cannot take.
        SystemExit: `--help` was asked for and has been printed.
    """
    parser = Parser(
        prog="sharpdepth",
        description="Turn a picture into a sharp, metric depth mesh in a .blend file.",
        epilog=(
            "Without --intrinsics and --fov the focal length is read from the picture's EXIF data "
            "(FocalLengthIn35mmFilm); without that the model says what it assumes. "
            "`sharpdepth models` lists models, gets them and removes them."
        ),
    )
    parser.add_argument("picture", type=Path, metavar="PICTURE", help="the picture")
    parser.add_argument(
        "-o", dest="blend", type=_path_ending(".blend"), required=True, metavar="OUT.blend",
        help="the scene to write: the mesh, its camera, and the depth maps packed",
    )  # fmt: skip
    parser.add_argument(
        "--depth", type=_path_ending(".exr"), metavar="OUT.exr",
        help="also write the sharpened depth: z-depth in metres, 32-bit float EXR",
    )  # fmt: skip
    parser.add_argument(
        "--points", type=_path_ending(".ply"), metavar="OUT.ply",
        help="also write a coloured point cloud, in metres",
    )  # fmt: skip
    parser.add_argument(
        "--model", type=_name_or_folder(PRESETS), default="preview", metavar="NAME|FOLDER",
        help=f"a preset, {', '.join(PRESETS)}, or a model folder (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--estimator", type=_name_or_folder(WEIGHTS), metavar="NAME|FOLDER",
        help="another metric depth model than the preset's own: weights that `sharpdepth models` "
        "lists, or a folder",
    )  # fmt: skip
    parser.add_argument(
        "--output", choices=("mesh", "points"), default="mesh",
        help="what stands in the scene (default: %(default)s)",
    )  # fmt: skip
    camera = parser.add_mutually_exclusive_group()
    camera.add_argument(
        "--fov", type=_field_of_view, metavar="DEGREES",
        help="field of view across the picture's longer side",
    )  # fmt: skip
    camera.add_argument(
        "--intrinsics", type=_intrinsics, metavar="FX,FY,CX,CY",
        help="focal lengths and principal point in pixels of the upright picture; "
        "the centre of its top-left pixel is (0.5, 0.5)",
    )  # fmt: skip
    parser.add_argument(
        "--metric-depth", type=_path_ending(".exr", ".npy"), metavar="IN.exr|IN.npy",
        help="sharpen this depth map instead of an estimated one: z-depth in metres, of the "
        "picture's size; 0 where nothing was measured",
    )  # fmt: skip
    parser.add_argument(
        "--resolution", type=_whole_number(16, 8192), metavar="N",
        help="longer side in pixels at which the model works (default: the model's own)",
    )  # fmt: skip
    parser.add_argument(
        "--step", type=_whole_number(1, 4096), default=1, metavar="N",
        help="take one sample in N along each side of the depth map (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=_whole_number(0, 2**63 - 1), default=0, metavar="N",
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
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line of stdout"
    )
    return parser.parse_args(argv)


def _path_ending(*suffixes: str):
    def path(text: str) -> Path:
        if not text.lower().endswith(suffixes):
            raise argparse.ArgumentTypeError(f"{text!r} should end in {' or '.join(suffixes)}")
        return Path(text)

    return path


def _name_or_folder(names: Container[str]):
    def name_or_folder(text: str) -> str | Path:
        return Path(text) if text not in names and Path(text).is_dir() else text

    return name_or_folder


def _whole_number(smallest: int, largest: int):
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


def _field_of_view(text: str) -> float:
    try:
        degrees = float(text)
    except ValueError:
        degrees = 0.0
    if not 1 <= degrees <= 175:
        raise argparse.ArgumentTypeError(f"{text!r} should be degrees from 1 to 175")
    return degrees


def _intrinsics(text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or min(numbers[:2]) <= 0:
        raise argparse.ArgumentTypeError(
            f"{text!r} should be four numbers FX,FY,CX,CY in pixels, the first two above zero"
        )
    return numbers
