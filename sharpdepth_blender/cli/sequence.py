"""The command `sharpdepth sequence`: temporally stable depth for the frames of a shot."""

import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import bpy

from .. import scene as blender
from ..api import begin_sequence
from ..geometry import Intrinsics
from ..process import Engine
from ..scene.camera_at import camera_at
from ..scene.opening import open_blend
from ..scene.sequence import picture_sequence
from ..scene.source import Source, find_source
from ..tasks.generate_sequence import add_sequence_object
from .arguments import (
    Parser,
    add_blend,
    add_json,
    add_lens,
    add_model,
    add_output,
    engine_options,
    frame_numbers,
    whole_number,
)
from .errors import BadInput, Interrupted, UsageError
from .output_paths import check_outputs
from .progress_bar import ProgressBar
from .suppress_output import suppress_output


def parse_sequence(argv: Sequence[str]) -> Namespace:
    """Parse the arguments of `sequence`.

    Raises:
        UsageError: An argument is unknown, missing or invalid.
        SystemExit: `--help` has been printed.
    """
    parser = Parser(
        prog="sharpdepth sequence",
        description="Turn the frames of a shot into temporally stable float depth, and into one "
        "live object that follows the current frame.",
        epilog=(
            "Finished frames are skipped: the same command resumes where it was stopped. "
            "With --chunk, several computers share a shot: each computes its own frames, "
            "and a last call, without --chunk, combines them."
        ),
    )
    parser.add_argument(
        "shot", metavar="SHOT",
        help="a .blend file, whose scene and camera are used; or a movie, an image of a sequence, "
        "or its name with # for digits, such as plate.####.png",
    )  # fmt: skip
    parser.add_argument(
        "--into", type=Path, required=True, metavar="FOLDER",
        help="output folder for depth and metric depth as 32-bit float EXR in meters, pictures, "
        "and shot.json with cameras, scales, cuts and jumps",
    )  # fmt: skip
    parser.add_argument(
        "--frames", type=frame_numbers, metavar="A-B",
        help="frames of the whole shot (default: the scene's range, or all frames of the files)",
    )  # fmt: skip
    parser.add_argument(
        "--chunk", type=frame_numbers, metavar="A-B",
        help="compute only these frames; stabilization runs once all frames are present",
    )  # fmt: skip
    add_blend(parser, "write the scene with the live object", required=False)
    parser.add_argument(
        "--source", default="camera", metavar="camera|clip|IMAGE",
        help="picture source in a .blend: the background image of the scene's camera, its movie "
        "clip, or the name of an image in the file (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--window", type=whole_number(0, 100), default=5, metavar="N",
        help="frames before and after each frame used for stabilization; 0 turns it off "
        "(default: %(default)s)",
    )  # fmt: skip
    add_model(parser)
    add_output(parser)
    add_lens(
        parser,
        "without a .blend: field of view across the pictures' longer side",
        "without a .blend: focal lengths and principal point in pixels",
    )
    add_json(parser)
    arguments = parser.parse_args(argv)
    if arguments.shot.lower().endswith(".blend") and (arguments.fov or arguments.intrinsics):
        raise UsageError("A .blend has a camera: --fov and --intrinsics are for pictures only.")
    return arguments


@suppress_output("stdout")
def run_sequence(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Run `sequence`.

    Args:
        arguments: From `parse_sequence`.
        bar: Progress bar.

    Returns:
        The report for `--json`, and the same as text.

    Raises:
        BadInput: A path or a frame cannot be used.
        JobError: The engine is missing, reports an error, or died.
        SceneError: Blender cannot read or write a file, or the frames do not match.
        Interrupted: The user pressed Ctrl+C.
    """
    started = time.monotonic()
    blend = arguments.blend
    check_outputs([blend])
    source, camera, numbers = _shot(arguments)
    chunk = arguments.chunk
    if chunk and (beyond := [each for each in chunk if not numbers[0] <= each <= numbers[-1]]):
        raise BadInput(f"Frame {beyond[0]} of --chunk is not in the shot.")
    with Engine() as engine:
        generation = begin_sequence(
            source,
            arguments.into,
            camera=camera,
            frames=numbers,
            fov=arguments.fov,
            intrinsics=arguments.intrinsics,
            engine=engine,
            **engine_options(arguments),
            window=arguments.window,
            chunk=chunk,
        )
        try:
            generation.run(bar.show)
        except KeyboardInterrupt:
            generation.cancel()
            kept = "finished frames are kept, and the same command resumes from them"
            raise Interrupted(f"Interrupted; {kept}.") from None
    if generation.fault:
        raise generation.fault
    files = {"folder": str(generation.store.folder)}
    if blend and generation.shot:
        bar.show(1.0, "Writing the scene")
        scene = bpy.context.scene
        if not bpy.data.filepath:
            _set_up(scene, numbers, generation.shot)
        add_sequence_object(scene, generation, arguments.output.title())
        blender.save_blend(blend)
        files["blend"] = str(blend)
    seconds = time.monotonic() - started
    report = _report(generation, numbers, chunk, files, seconds)
    return report, _summary(report)


def _shot(arguments) -> tuple[Source, bpy.types.Object | None, list[int]]:
    """The pictures that the words mean, opened in this Blender, their camera and the frames."""
    if not arguments.shot.lower().endswith(".blend"):
        blender.blank_scene()
        image, found = picture_sequence(arguments.shot)
        numbers = arguments.frames or found
        if beyond := [each for each in numbers if not found[0] <= each <= found[-1]]:
            raise BadInput(f"Frame {beyond[0]} is missing from {arguments.shot}.")
        return Source(image), None, numbers
    scene = open_blend(arguments.shot)
    kind, image = {"camera": "CAMERA_BACKGROUND", "clip": "MOVIE_CLIP"}.get(arguments.source), None
    if kind is None:
        kind, image = "IMAGE", bpy.data.images.get(arguments.source)
        if image is None:
            raise BadInput(f"{arguments.shot} has no image named {arguments.source}.")
    numbers = arguments.frames or list(range(scene.frame_start, scene.frame_end + 1))
    camera = camera_at(scene)
    return find_source(scene, kind, camera, image), camera, numbers


def _set_up(scene, numbers, shot):
    """Set up a scene of our own for the shot."""
    blender.frame_scene(scene, Intrinsics(**shot["frames"][0]["intrinsics"]))
    scene.frame_start, scene.frame_end = max(numbers[0], 0), max(numbers[-1], 0)
    if numbers[0] < 0:  # where a scene's own range cannot begin
        scene.use_preview_range = True
        scene.frame_preview_start, scene.frame_preview_end = numbers[0], numbers[-1]
    scene.frame_set(numbers[0])


def _report(generation, numbers, chunk, files, seconds):
    shot = generation.shot or {}
    numbers = chunk or numbers
    mine = set(numbers).intersection(generation.numbers)
    return {
        "frames": [numbers[0], numbers[-1]],
        "made": generation.made,
        "skipped": len(mine) - generation.made,
        "steady": bool(shot),
        "cuts": shot.get("cuts", []),
        "jumps": shot.get("jumps", []),
        "camera_ignored": shot.get("camera_ignored", []),
        "notes": generation.notes,
        "seconds": seconds,
        "files": files,
    }


def _summary(report):
    made, skipped = report["made"], report["skipped"]
    seconds = f"{report['seconds']:.1f} s"
    lines = [f"frames computed: {made}; already finished: {skipped}; {seconds}"]
    if not report["steady"]:
        lines.append("note: not stabilized yet, because frames of the shot are still missing.")
    lines += [f"note: {note}" for note in report["notes"]]
    lines += [f"wrote {path}" for path in report["files"].values()]
    return "\n".join(lines)
