"""The command `sharpdepth check-move`: the frames of a shot where a set-up does not hold."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..api import check_move
from ..scene.move import MoveReport
from ..scene.opening import object_named, open_blend
from .arguments import (
    Parser,
    add_json,
    add_scene,
    frame_range,
    positive_number,
    share,
    whole_number,
)
from .errors import BadInput
from .progress_bar import ProgressBar
from .suppress_output import suppress_output


def parse_move(argv: Sequence[str]) -> Namespace:
    """The words after `check-move` as values; `start` and `end` are None without `--frames`.

    Raises:
        UsageError: A word is unknown, missing or has a value that it cannot take.
        SystemExit: `--help` was asked for and has been printed.
    """
    parser = Parser(
        prog="sharpdepth check-move",
        description="Tell in which frames of a shot holes, missing paint, invented pixels of "
        "layers or stretched pictures are seen. The scene is not changed.",
    )
    add_scene(parser, "the scene, with its shot camera")
    parser.add_argument(
        "--frames", type=frame_range, default=(None, None), metavar="A-B",
        help="the frames to check (default: the scene's)",
    )  # fmt: skip
    parser.add_argument(
        "--step", type=whole_number(1, 10000), default=1, metavar="N",
        help="check one frame in N, and the last one (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--camera", metavar="NAME",
        help="the shot camera (default: the scene's, and those that its markers switch to)",
    )  # fmt: skip
    parser.add_argument(
        "--stretch", type=positive_number, default=2.0, metavar="X",
        help="a picture is stretched where one of its pixels is drawn over more than so many of "
        "the frame in a direction (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--resolution", type=whole_number(480, 65536), default=480, metavar="N",
        help="look for what layers invented with so many pixels along the frame's longer side, at "
        "most; from the frame's own size on, masks are exact to a pixel (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR",
        help="write a picture of each frame there: holes magenta, missing paint blue, invented "
        "pixels green, stretched pictures orange; and masks of where to paint, for each layer in "
        "its own picture",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=share, metavar="SHARE",
        help="exit with 1 if holes, missing paint and invented pixels together take more than this "
        "share, 0 to 1, of any frame",
    )  # fmt: skip
    add_json(parser)
    return parser.parse_args(argv)


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
    with suppress_output("stdout"):
        scene = open_blend(arguments.scene)
        start, end = arguments.frames
        report, _ = check_move(
            scene,
            start=start,
            end=end,
            step=arguments.step,
            camera=arguments.camera and object_named(scene, arguments.camera),
            stretch=arguments.stretch,
            resolution=arguments.resolution,
            folder=folder,
            show=bar.show,
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
            f"More than {100 * arguments.limit:g}% is missing in {len(over)} of "
            f"{len(report.frames)} frames."
        )
    return "\n".join(lines)
