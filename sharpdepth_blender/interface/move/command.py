"""The command `sharpdepth check-move`: the frames of a shot where a set-up does not hold."""

from argparse import Namespace
from dataclasses import asdict

from ...scene.move import MoveReport, check_move, move_frames
from ...scene.opening import object_named, open_blend
from ..errors import BadInput
from ..quiet import quiet
from ..terminal import ProgressBar


def run_move(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str, int]:
    """Check what the command line asks for.

    Args:
        arguments: From `parse_move`.
        bar: For the frames.

    Returns:
        The report for `--json`, the same for people, and the exit code.

    Raises:
        SceneError: The scene cannot be opened, checked or rendered, or a picture not written.
        BadInput: The folder for the pictures cannot be made.
    """
    folder = arguments.pictures
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"The folder {folder} cannot be made: {error.strerror}.") from error
    with quiet():
        scene = open_blend(arguments.scene)
        frames = move_frames(scene, *arguments.frames, arguments.step)
        report, _ = check_move(
            scene,
            frames,
            camera=arguments.camera and object_named(scene, arguments.camera),
            stretch=arguments.stretch,
            folder=folder,
            show=lambda fraction, frame: bar.show(fraction, f"Checking frame {frame}"),
        )
    limit = arguments.limit
    over = [] if limit is None else report.above("missing", limit)
    return _entries(report, arguments, over), _text(report, arguments, over), 1 if over else 0


def _entries(report: MoveReport, arguments: Namespace, over: list[int]) -> dict:
    return {
        "scene": str(arguments.scene),
        **asdict(report),
        "worst": report.worst.frame,
        "limit": arguments.limit,
        "over_limit": over,
        "folder": arguments.pictures and str(arguments.pictures),
    }


def _text(report: MoveReport, arguments: Namespace, over: list[int]) -> str:
    lines = report.lines()
    if arguments.pictures:
        pictures = "a picture" if len(report.frames) == 1 else f"{len(report.frames)} pictures"
        lines.append(f"wrote {pictures} to {arguments.pictures}")
    if over:
        lines.append(
            f"More than {100 * arguments.limit:g} % is missing in {len(over)} of "
            f"{len(report.frames)} frames."
        )
    return "\n".join(lines)
