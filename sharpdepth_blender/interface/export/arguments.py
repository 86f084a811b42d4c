"""The words of `sharpdepth export`."""

import argparse
from collections.abc import Sequence

from ...scene.export import USD_SUFFIXES
from ..parser import Parser, path_ending
from ..words import add_json, add_scene

# What can be written: a flag -> how its file's name ends, and what it is.
FILES = {
    "depth": ((".exr",), "the depth alone: z-depth in metres in R, G and B, 32-bit float"),
    "exr": ((".exr",), "layers depth.Z, metric_depth.Z and difference.Z in metres, and the picture "
            "in R, G and B, scene-linear; 32-bit float"),
    "ply": ((".ply",), "points or faces with the picture's colours, binary, in metres"),
    "usd": (USD_SUFFIXES, "objects and cameras, in metres, y up; pictures in the folder textures "
            "beside it, or inside .usdz"),
    "abc": ((".abc",), "objects and cameras as Alembic, in metres, y up"),
    "gltf": ((".glb",), "objects as they are at the current frame, with pictures and cameras"),
    "chan": ((".chan",), "the camera's path for Nuke: frame, position in metres, rotation in the "
             "order ZXY, vertical field of view; y up"),
}  # fmt: skip


def parse_export(argv: Sequence[str]) -> argparse.Namespace:
    """The words after `export` as values; what is not to be written is None.

    Raises:
        UsageError: A word is unknown or missing, or has a value that it cannot take.
        SystemExit: `--help` was asked for and has been printed.
    """
    parser = Parser(
        prog="sharpdepth export",
        description="Write depth results of a scene, other meshes and cameras for other programs. "
        "The scene is not changed.",
    )
    add_scene(parser, "the scene")
    parser.add_argument(
        "--object", dest="objects", action="append", default=[], metavar="NAME",
        help="what to write, any mesh; for USD, Alembic and glTF several times, and the empty of "
        "layers for all of these (default: the only depth result of the scene)",
    )  # fmt: skip
    parser.add_argument(
        "--camera",
        metavar="NAME",
        help="the camera (default: the scene's, and those that were made for the results)",
    )
    for name, (suffixes, purpose) in FILES.items():
        parser.add_argument(
            f"--{name}", type=path_ending(*suffixes), metavar=f"OUT{suffixes[0]}", help=purpose
        )
    add_json(parser)
    arguments = parser.parse_args(argv)
    asked = {name for name in FILES if getattr(arguments, name)}
    if not asked:
        parser.error("name a file to write, such as --exr OUT.exr")
    if len(arguments.objects) > 1 and asked & {"depth", "exr", "ply"}:
        parser.error("EXR and PLY take one --object")
    return arguments
