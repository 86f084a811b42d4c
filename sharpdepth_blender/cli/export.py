"""The command `sharpdepth export`: what a scene has, as files for other programs."""

import time
from argparse import Namespace
from collections.abc import Sequence

from ..scene import only_result
from ..scene.export import FORMATS, cameras_of, meshes_of
from ..scene.opening import object_named, open_blend
from ..scene.target_result import results_of
from .arguments import Parser, add_json, add_scene, path_ending
from .output_paths import check_outputs
from .progress_bar import ProgressBar
from .suppress_output import suppress_output


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
        help=f"what to write, any mesh; for {_named('OBJECTS')} several times, and the empty of "
        "layers for all of these (default: the only depth result of the scene)",
    )  # fmt: skip
    parser.add_argument(
        "--camera",
        metavar="NAME",
        help="the camera (default: the scene's, and those that were made for the results)",
    )
    for each in FORMATS:
        parser.add_argument(
            f"--{each.flag}",
            type=path_ending(*each.suffixes),
            metavar=f"OUT{each.suffixes[0]}",
            help=each.help,
        )
    add_json(parser)
    arguments = parser.parse_args(argv)
    asked = _asked(arguments)
    if not asked:
        parser.error("name a file to write, such as --exr OUT.exr")
    if len(arguments.objects) > 1 and any(each.takes == "RESULT" for each in asked):
        parser.error(f"{_named('RESULT')} take one --object")
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
    asked = _asked(arguments)
    check_outputs(getattr(arguments, each.flag) for each in asked)
    with suppress_output("stdout"):
        scene = open_blend(arguments.scene)
        objects = _objects(scene, arguments)
        chosen = [object_named(scene, arguments.camera)] if arguments.camera else None
        cameras = chosen or cameras_of(scene, objects)
        meshes = meshes_of(objects)
        files, notes = {}, []
        for each in asked:
            path = getattr(arguments, each.flag)
            bar.show(len(files) / len(asked), f"Writing {path.name}")
            given = objects if each.takes == "RESULT" else meshes
            lost = each.export(path, scene, given, chosen)
            notes.extend(f"{path.name} lacks {what}." for what in lost)
            files[each.flag] = str(path)
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


def _named(takes):
    """The flags of formats that take results, objects or a camera, as a list in words."""
    *first, last = (f"--{each.flag}" for each in FORMATS if each.takes == takes)
    return f"{', '.join(first)} and {last}"


def _asked(arguments):
    """The formats that have a file to be written."""
    return [each for each in FORMATS if getattr(arguments, each.flag)]


def _objects(scene, arguments):
    """Those that are named, or the only result; none where nothing but a camera is asked for."""
    if arguments.objects:
        return [object_named(scene, name) for name in arguments.objects]
    if all(each.takes == "CAMERA" for each in _asked(arguments)):
        return results_of(scene)
    return [only_result(scene)]
