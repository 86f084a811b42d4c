"""The command `sharpdepth PICTURE`: read, infer, build, write."""

import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from .. import scene as blender
from ..api import DepthFile, PointsFile, bake, begin_generate
from ..geometry import unproject, valid_depth, write_ply
from ..geometry.panorama import directions_of
from ..process import Engine
from ..process.job import DepthResult
from ..scene.live import find_modifier
from ..scene.modifier import set_input
from ..scene.shot import Shot
from ..tasks.measured_files import EMBEDDING
from .arguments import (
    Parser,
    add_blend,
    add_json,
    add_lens,
    add_model,
    add_output,
    engine_options,
    path_ending,
    positive_number,
    whole_number,
)
from .errors import BadInput
from .output_paths import check_outputs
from .progress_bar import ProgressBar
from .suppress_output import suppress_output

_COMPUTING = 0.9  # share of the progress bar


@dataclass(frozen=True)
class Report:
    """What was made, in the words of `--json`.

    Attributes:
        model: Preset or folder.
        device: Where it ran.
        width: Picture width in pixels, upright.
        height: Picture height in pixels.
        depth_min: Nearest sharpened z-depth, of a panorama ray length, meters; holes do not count.
        depth_median: Meters.
        depth_max: Meters.
        scale: Of the fit `depth = scale * prediction + shift`.
        shift: Meters.
        intrinsics: (fx, fy, cx, cy) pixels; None for a panorama, whose depth is ray length.
        vertices: Of the object in the scene.
        faces: Of the object in the scene; 0 for points.
        seconds: Per stage of the engine, and `total`.
        memory: Bytes at the peak of each stage of the engine, on the device.
        files: What was written: `blend`, and `depth` and `points` where asked for.
        notes: A sentence for everything that was assumed, left out or guarded against.
    """

    model: str
    device: str
    width: int
    height: int
    depth_min: float
    depth_median: float
    depth_max: float
    scale: float
    shift: float
    intrinsics: tuple[float, float, float, float] | None
    vertices: int
    faces: int
    seconds: dict[str, float]
    memory: dict[str, int]
    files: dict[str, str]
    notes: list[str]


def parse_picture(argv: Sequence[str]) -> Namespace:
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
        help="also write the sharpened depth: z-depth in meters, of a panorama ray length, 32-bit "
        "float EXR",
    )  # fmt: skip
    parser.add_argument(
        "--points", type=path_ending(".ply"), metavar="OUT.ply",
        help="also write a colored point cloud, in meters",
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
        "focal lengths and principal point in pixels of the upright picture; the center of its "
        "top-left pixel is (0.5, 0.5)",
    )
    measured = parser.add_mutually_exclusive_group()
    measured.add_argument(
        "--metric-depth", type=path_ending(".exr", ".npy", ".png", *EMBEDDING),
        metavar="IN.exr|IN.npy|IN.png|IN.heic",
        help="sharpen this depth map instead of an estimated one: z-depth in meters (PNG: 16 bits, "
        "millimeters) in the picture's proportions; holes are 0, NaN, infinite or negative",
    )  # fmt: skip
    parser.add_argument(
        "--metric-depth-channel", metavar="NAME",
        help="channel of that EXR (default: depth.Z, Z, or one of a layer called depth)",
    )  # fmt: skip
    parser.add_argument(
        "--metric-depth-unit", type=positive_number, metavar="METERS",
        help="what a value of 1 means in that file, such as 0.01 or 0.00390625 (default: 1; of "
        "PNG 0.001)",
    )  # fmt: skip
    parser.add_argument(
        "--metric-depth-ray", action="store_true",
        help="that file holds ray length, from the camera's center to the surface, instead of "
        "z-depth; needs a camera that is known",
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
        "--points-scale", type=positive_number, default=1.0, metavar="METERS",
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


@suppress_output("stdout")
def run_picture(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Do what the command line asks for.

    Args:
        arguments: From `parse_picture`.
        bar: For the whole road.

    Returns:
        The report for `--json`, and the same for people.

    Raises:
        BadInput: An input or output path cannot be used.
        JobError: The engine is missing, reports an error, or died.
        SceneError: Blender cannot read or write a file, or what was measured cannot be used.
    """
    report = _make(arguments, bar.show)
    return vars(report), _summary(arguments, report)


def _make(arguments: Namespace, show: Callable[[float, str], None]) -> Report:
    """The road from the picture to the files, in an empty scene."""
    started = time.monotonic()
    check_outputs(
        (arguments.blend, arguments.depth, arguments.points),
        (arguments.picture, arguments.metric_depth, arguments.metric_points),
    )
    found: list[tuple[bpy.types.Object, Shot, DepthResult]] = []
    with Engine() as engine:
        engine.start()
        scene = blender.blank_scene()
        blender.show_plain_colors(scene)
        with suppress_output("stderr"):
            task = begin_generate(
                arguments.picture,
                scene,
                fov=arguments.fov,
                intrinsics=arguments.intrinsics,
                metric_depth=_depth_file(arguments),
                metric_points=_points_file(arguments),
                output=arguments.output.title(),
                engine=engine,
                on_finish=lambda *made: found.append(made),
                **engine_options(arguments),
            )
        task.run(lambda fraction, message: show(_COMPUTING * fraction, message))
    if task.fault:
        raise task.fault
    ((obj, shot, result),) = found

    width, height = shot.size
    seen = result.depth[valid_depth(result.depth)]
    resolution = max(2, -(-max(width, height) // arguments.step))
    set_input(find_modifier(obj), "Resolution", resolution)
    vertices, faces = _count_shown(obj) if arguments.live else _bake(obj)

    show(_COMPUTING, "Writing the files")
    files = {"blend": str(arguments.blend)}
    if shot.texture and not shot.texture.packed_file:
        shot.texture.pack()
    blender.save_blend(arguments.blend)
    if arguments.depth:
        blender.write_depth_exr(arguments.depth, result.depth)
        files["depth"] = str(arguments.depth)
    if arguments.points:
        _write_points(arguments, obj.matrix_world, shot, result.depth)
        files["points"] = str(arguments.points)

    return Report(
        model=result.model,
        device=result.device,
        width=width,
        height=height,
        depth_min=float(seen.min()),
        depth_median=float(np.median(seen)),
        depth_max=float(seen.max()),
        scale=result.scale,
        shift=result.shift,
        intrinsics=shot.intrinsics and tuple(shot.intrinsics),
        vertices=vertices,
        faces=faces,
        seconds={**result.seconds, "total": time.monotonic() - started},
        memory=result.memory,
        files=files,
        notes=[*shot.notes, *result.notes],
    )


def _depth_file(arguments):
    if not arguments.metric_depth:
        return None
    channel, unit = arguments.metric_depth_channel, arguments.metric_depth_unit
    return DepthFile(arguments.metric_depth, channel, unit, arguments.metric_depth_ray)


def _points_file(arguments):
    if not arguments.metric_points:
        return None
    return PointsFile(
        arguments.metric_points,
        arguments.points_are,
        arguments.points_scale,
        arguments.colmap_image,
    )


def _bake(obj):
    """Make a live result a plain mesh; how many vertices and faces it has."""
    bake(obj)
    return len(obj.data.vertices), len(obj.data.polygons)


def _count_shown(obj):
    """How many vertices and faces a live result would have as a plain mesh."""
    copy = obj.copy()
    try:
        return _bake(copy)
    finally:
        bpy.data.batch_remove([copy, copy.data])


def _write_points(arguments, matrix, shot, depth) -> None:
    """Write every sample but holes as a colored point, in the scene's own axes, meters."""
    step = arguments.step
    here = np.zeros(depth.shape, bool)
    here[::step, ::step] = valid_depth(depth)[::step, ::step]
    if shot.intrinsics is None:  # a panorama
        points = directions_of(*shot.size) * depth[..., None]
    else:
        points = unproject(depth, shot.intrinsics)
    points = points[here]
    matrix = np.array(matrix, np.float32)
    try:
        write_ply(
            arguments.points,
            points @ matrix[:3, :3].T + matrix[:3, 3],
            colors=shot.rgb[here],
        )
    except OSError as error:
        raise BadInput(f"{arguments.points} cannot be written: {error.strerror}.") from error


def _summary(arguments: Namespace, report: Report) -> str:
    kind = "z-depth" if report.intrinsics else "ray length"
    lines = [
        f"{arguments.picture.name}: {report.width} x {report.height} pixels, "
        f"model {report.model} on {report.device}, {report.seconds['total']:.1f} s",
        f"{kind} {report.depth_min:.2f} m nearest, {report.depth_median:.2f} m median, "
        f"{report.depth_max:.2f} m farthest",
        *(f"note: {note}" for note in report.notes),
        *(f"wrote {path}" for path in report.files.values()),
    ]
    return "\n".join(lines)
