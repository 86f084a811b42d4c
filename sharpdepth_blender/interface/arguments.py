"""The words of the command line."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from .parser import Parser, path_ending, positive_number, whole_number
from .words import add_blend, add_json, add_lens, add_model, add_output


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
    add_blend(parser, "the scene to write: the mesh, its camera, and the depth maps packed")
    parser.add_argument(
        "--depth", type=path_ending(".exr"), metavar="OUT.exr",
        help="also write the sharpened depth: z-depth in metres, 32-bit float EXR",
    )  # fmt: skip
    parser.add_argument(
        "--points", type=path_ending(".ply"), metavar="OUT.ply",
        help="also write a coloured point cloud, in metres",
    )  # fmt: skip
    add_model(parser)
    add_output(parser)
    parser.add_argument(
        "--live", action="store_true",
        help="leave it live: its settings can still be changed, and it can be split into layers",
    )  # fmt: skip
    add_lens(
        parser,
        "field of view across the picture's longer side",
        "focal lengths and principal point in pixels of the upright picture; the centre of its "
        "top-left pixel is (0.5, 0.5)",
    )
    measured = parser.add_mutually_exclusive_group()
    measured.add_argument(
        "--metric-depth", type=path_ending(".exr", ".npy", ".png"),
        metavar="IN.exr|IN.npy|IN.png",
        help="sharpen this depth map instead of an estimated one: z-depth in metres (PNG: 16 bits, "
        "millimetres) in the picture's proportions; holes are 0, NaN, infinite or negative",
    )  # fmt: skip
    parser.add_argument(
        "--metric-depth-channel", metavar="NAME",
        help="channel of that EXR (default: depth.Z, Z, or one of a layer called depth)",
    )  # fmt: skip
    parser.add_argument(
        "--metric-depth-unit", type=positive_number, metavar="METRES",
        help="what a value of 1 means in that file, such as 0.01 or 0.00390625 (default: 1; of "
        "PNG 0.001)",
    )  # fmt: skip
    measured.add_argument(
        "--metric-points", type=path_ending(".csv", ".txt", ".ply", ".bin"),
        metavar="IN.csv|IN.txt|IN.ply|points3D.bin",
        help="have the depth agree with these measured points: a table of x, y, z in the camera's "
        "space (x right, y down, z forward) or of u, v, depth (pixels of the upright picture), as "
        "the names above its columns say; a PLY of x, y, z; or points3D.txt or points3D.bin in the "
        "folder of a COLMAP model",
    )  # fmt: skip
    parser.add_argument(
        "--points-are", choices=("camera", "pixels"),
        help="of a table without names above its columns: x, y, z or u, v, depth",
    )  # fmt: skip
    parser.add_argument(
        "--points-scale", type=positive_number, default=1.0, metavar="METRES",
        help="what a length of 1 means in the file of points (default: %(default)g)",
    )  # fmt: skip
    parser.add_argument(
        "--colmap-image", metavar="NAME",
        help="which of the COLMAP model's images the picture is (default: that of its file's name)",
    )  # fmt: skip
    parser.add_argument(
        "--step", type=whole_number(1, 4096), default=1, metavar="N",
        help="take one sample in N along each side of the depth map (default: %(default)s)",
    )  # fmt: skip
    add_json(parser)
    return parser.parse_args(argv)
