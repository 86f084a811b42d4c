"""The command `sharpdepth export`: write the content of a scene for other programs."""

import time
from argparse import Namespace
from collections.abc import Sequence

from ..scene import only_result
from ..scene.export import FORMATS, cameras_of, meshes_of
from ..scene.opening import object_named, open_blend
from ..scene.target_result import results_of
from .arguments import Parser, add_json, add_scene, path_ending, whole_number
from .output_paths import check_outputs
from .progress_bar import ProgressBar
from .suppress_output import suppress_output


def parse_export(argv: Sequence[str]) -> Namespace:
    """Parse the arguments of `export`; formats that are not requested are None.

    Raises:
        UsageError: An argument is unknown, missing or invalid.
        SystemExit: `--help` has been printed.
    """
    parser = Parser(
        prog="sharpdepth export",
        description="Write depth results, other meshes and cameras of a scene for other programs. "
        "The scene is not changed.",
    )
    add_scene(parser, "the scene")
    parser.add_argument(
        "--object", dest="objects", action="append", default=[], metavar="NAME",
        help=f"mesh to write; repeatable for {_named('OBJECTS')}; the empty of a set of layers "
        "stands for all of them (default: the only depth result of the scene)",
    )  # fmt: skip
    parser.add_argument(
        "--camera",
        metavar="NAME",
        help="the camera (default: the scene's, and those created for the results)",
    )
    for each in FORMATS:
        parser.add_argument(
            f"--{each.flag}",
            type=path_ending(*each.suffixes),
            metavar="FOLDER" if each.is_folder else f"OUT{each.suffixes[0]}",
            help=each.help,
        )
    parser.add_argument(
        "--faces", type=whole_number(2, 100_000_000), metavar="N",
        help="triangles for each surface of a result or layer at most, for "
        f"{_flags(each for each in FORMATS if each.reduces)}; a note tells how far they are off",
    )  # fmt: skip
    add_json(parser)
    arguments = parser.parse_args(argv)
    asked = _asked(arguments)
    if not asked:
        parser.error("specify a file to write, such as --exr OUT.exr")
    if arguments.faces and not any(each.reduces for each in asked):
        parser.error(f"--faces is for {_flags(each for each in FORMATS if each.reduces)}")
    if len(arguments.objects) > 1 and any(each.takes == "RESULT" for each in asked):
        parser.error(f"{_named('RESULT')} take one --object")
    return arguments


def run_export(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Run `export`.

    Args:
        arguments: From `parse_export`.
        bar: Progress bar.

    Returns:
        The report for `--json`, and the same as text.

    Raises:
        BadInput: A path cannot be written to.
        SceneError: The scene cannot be opened, lacks an object, or a file cannot be written.
    """
    started = time.perf_counter()
    asked = _asked(arguments)
    check_outputs(getattr(arguments, each.flag) for each in asked if not each.is_folder)
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
            faces = arguments.faces if each.reduces else None
            lost = each.export(path, scene, objects, chosen, faces)
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
    """List the flags of formats for results, objects or a camera."""
    return _flags(each for each in FORMATS if each.takes == takes)


def _flags(formats):
    """List the flags of several formats."""
    *first, last = (f"--{each.flag}" for each in formats)
    return f"{', '.join(first)} and {last}"


def _asked(arguments):
    """Return the requested formats."""
    return [each for each in FORMATS if getattr(arguments, each.flag)]


def _objects(scene, arguments):
    """Return the named objects, or the only result; none if only a camera is requested."""
    if arguments.objects:
        return [object_named(scene, name) for name in arguments.objects]
    if all(each.takes == "CAMERA" for each in _asked(arguments)):
        return results_of(scene)
    return [only_result(scene)]
