"""The command `sharpdepth export`: what a scene has, as files for other programs."""

import time
from argparse import Namespace
from collections.abc import Sequence

from ..scene import SceneError, is_result
from ..scene.export import (
    USD_SUFFIXES,
    camera_of,
    cameras_of,
    export_alembic,
    export_chan,
    export_depth,
    export_exr,
    export_gltf,
    export_ply,
    export_usd,
    meshes_of,
)
from ..scene.opening import object_named, open_blend
from .arguments import Parser, add_json, add_scene, path_ending
from .output_paths import check_outputs
from .progress_bar import ProgressBar
from .suppress_stdout import suppress_stdout

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


def parse_export(argv: Sequence[str]) -> Namespace:
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


def run_export(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Write what the command line asks for.

    Args:
        arguments: From `parse_export`.
        bar: For what takes long.

    Returns:
        The report for `--json`, and the same for people.

    Raises:
        BadInput: A path cannot be written to.
        SceneError: The scene cannot be opened, lacks an object, or a file cannot be written.
    """
    started = time.perf_counter()
    check_outputs(getattr(arguments, name) for name in FILES)
    with suppress_stdout():
        scene = open_blend(arguments.scene)
        objects = _objects(scene, arguments)
        if arguments.camera:
            cameras = [object_named(scene, arguments.camera)]
        else:
            cameras = cameras_of(scene, objects)
        files, notes = {}, []

        def write(name, export, *given):
            path = getattr(arguments, name)
            if path is not None:
                bar.show(len(files) / len(FILES), f"Writing {path.name}")
                notes.extend(f"{path.name} lacks {each}." for each in export(path, *given))
                files[name] = str(path)

        if objects:
            write("depth", export_depth, objects[0])
            write("exr", export_exr, objects[0])
            write("ply", export_ply, scene, objects[0])
        meshes = meshes_of(objects)
        write("usd", export_usd, scene, meshes, cameras)
        write("abc", export_alembic, scene, meshes, cameras)
        write("gltf", export_gltf, scene, meshes, cameras)
        if arguments.chan is not None:
            write("chan", export_chan, scene, (cameras or [camera_of(scene, objects)])[0])
    report = {
        "scene": str(arguments.scene),
        "objects": [obj.name for obj in meshes],
        "cameras": [camera.name for camera in cameras],
        "files": files,
        "notes": notes,
        "seconds": time.perf_counter() - started,
    }
    lines = [f"note: {note}" for note in notes] + [f"wrote {path}" for path in files.values()]
    return report, "\n".join(lines)


def _objects(scene, arguments):
    """Those that are named, or the only result; none where nothing but a camera is asked for."""
    if arguments.objects:
        return [object_named(scene, name) for name in arguments.objects]
    found = [obj for obj in scene.objects if is_result(obj)]
    if len(found) == 1 or not any(getattr(arguments, name) for name in FILES if name != "chan"):
        return found
    if not found:
        raise SceneError(
            "The scene {scene} has no depth result: name a mesh by --object.", scene=scene.name
        )
    raise SceneError(
        "The scene {scene} has {count} depth results: name one by --object.",
        scene=scene.name,
        count=len(found),
    )
