"""The command `sharpdepth layers`: split a result into layers and write a new scene."""

import argparse
import math
import os
import shlex
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress

from ..api import fill_layers, hand_over, split_layers
from ..api.filling import check_fill
from ..geometry.layers import FILLS, KINDS
from ..geometry.thresholds import FEWEST, MOST
from ..library import INPAINTER, WEIGHTS
from ..process import Engine
from ..scene import SceneError, only_result, save_blend
from ..scene.layers import (
    NUMBER,
    PROPOSED,
    SHARE,
    NothingInvented,
    kind_reason,
    layer_objects,
    layers_cut,
)
from ..scene.opening import object_named, open_blend
from ..tasks.hand_over import check_command
from .arguments import (
    Parser,
    add_blend,
    add_json,
    add_scene,
    name_or_folder,
    positive_number,
    whole_number,
)
from .output_paths import check_outputs
from .progress_bar import ProgressBar
from .suppress_output import suppress_output


def parse_layers(argv: Sequence[str]) -> Namespace:
    """Parse the arguments of `layers`; None means 'propose a value'.

    Raises:
        UsageError: An argument is unknown, missing or invalid.
        SystemExit: `--help` has been printed.
    """
    parser = Parser(
        prog="sharpdepth layers",
        description="Split a depth result of a scene into layers, each extended behind the edges "
        "of those in front, so that the camera can move. The result is hidden. Layers that it was "
        "split into before keep all settings that are not given here.",
    )
    add_scene(parser, "the scene, with a live depth result")
    add_blend(parser, "the scene to write")
    parser.add_argument(
        "--object", metavar="NAME", help="the result (default: the only live one of the scene)"
    )
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument(
        "--count", type=whole_number(FEWEST, MOST), metavar="N",
        help="number of layers without the sky, split at thresholds proposed from the depth "
        "histogram (default: 4)",
    )  # fmt: skip
    parts.add_argument(
        "--thresholds", type=ascending_lengths, metavar="A,B,C",
        help="comma-separated depths in meters between one layer and the next",
    )  # fmt: skip
    parser.add_argument(
        "--sky", type=length, metavar="METERS",
        help="depth beyond which everything is sky; 0: only pixels without depth (default: the "
        "result's limit Far, or else a gap in the depth at the top of the picture)",
    )  # fmt: skip
    parser.add_argument(
        "--kind", type=str.upper, choices=(*KINDS, PROPOSED),
        help="shape of the layers: as deep as the result (relief, the default); with floors, walls "
        "and ceilings exactly flat (planes); the plane on which most of the layer lies (plane); "
        "flat, facing the camera (card); as far as the sky and flat (sky), or a sphere about the "
        "camera (dome); or that which suits each layer (proposed)",
    )  # fmt: skip
    parser.add_argument(
        "--move", type=positive_number, metavar="METERS",
        help="distance that the camera can move in any direction without showing holes "
        "(default: a tenth of the nearest layer's depth)",
    )  # fmt: skip
    parser.add_argument(
        "--edge", type=whole_number(0, 32), metavar="PIXELS",
        help="width of the fade at layer edges in pixels (default: 3)",
    )  # fmt: skip
    parser.add_argument(
        "--fill", type=str.upper, choices=FILLS,
        help="what layers show behind nearer ones and beyond the picture: their colors carried on "
        "(smooth, the default), patches of what is seen (texture), or what a model makes of it",
    )  # fmt: skip
    parser.add_argument(
        "--fill-model", type=name_or_folder(WEIGHTS), metavar="NAME|FOLDER",
        help=f"inpainting model for --fill model: {INPAINTER.name}, once it is there, or a folder "
        "in the format of diffusers",
    )  # fmt: skip
    parser.add_argument(
        "--prompt", default="", metavar="WORDS", help="what the model is to put there"
    )
    parser.add_argument(
        "--seed", type=whole_number(0, 2**31 - 1), default=0, metavar="N",
        help="seed of the model's noise (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--hand-over", metavar="FOLDER",
        help="write each layer that shows invented pixels, with their mask and a note, to a "
        "folder, for another tool",
    )  # fmt: skip
    parser.add_argument(
        "--command", type=command_words, default=(), metavar="WORDS",
        help="program and arguments, run without a shell for each layer of --hand-over; "
        "{picture}, {mask}, {note} and {answer} stand for the files, and the answer is taken back",
    )  # fmt: skip
    add_json(parser)
    arguments = parser.parse_args(argv)
    if arguments.command and not arguments.hand_over:
        parser.error("--command needs --hand-over FOLDER")
    try:
        check_fill(arguments.fill or "SMOOTH", arguments.fill_model)
    except ValueError as error:
        parser.error(str(error))
    return arguments


def command_words(text: str) -> tuple[str, ...]:
    """Argument type: words of a command line, with quotes as in a shell."""
    try:
        words = tuple(shlex.split(text, posix=os.name != "nt"))
        check_command(words)
    except (ValueError, SceneError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return words


def length(text: str) -> float:
    """Argument type: meters, 0 or more."""
    try:
        meters = float(text)
    except ValueError:
        meters = -1.0
    if not 0 <= meters < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} must be a length in meters, 0 or more")
    return meters


def ascending_lengths(text: str) -> tuple[float, ...]:
    """Argument type: ascending, comma-separated positive lengths in meters."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    pairs = zip((0.0, *numbers), (*numbers, math.inf), strict=True)
    if not FEWEST <= len(numbers) + 1 <= MOST or not all(one < other for one, other in pairs):
        raise argparse.ArgumentTypeError(
            f"{text!r} must be {FEWEST - 1} to {MOST - 1} ascending, comma-separated positive "
            "lengths in meters"
        )
    return numbers


def run_layers(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Run `layers`.

    Args:
        arguments: From `parse_layers`.
        bar: Progress bar.

    Returns:
        The report for `--json`, and the same as text.

    Raises:
        BadInput: The scene cannot be written there.
        SceneError: The scene cannot be opened, has no such result, or cannot be split or written.
        JobError: The engine is missing, reports an error, or died.
    """
    started = time.perf_counter()
    check_outputs([arguments.blend])
    with suppress_output("stdout"):
        scene = open_blend(arguments.scene)
        if arguments.object:
            result = object_named(scene, arguments.object)
        else:
            result = only_result(scene, live=True)
        bar.show(0.2, f"Splitting {result.name}")
        rig = split_layers(
            result,
            scene,
            count=arguments.count,
            thresholds=arguments.thresholds,
            sky=arguments.sky,
            kind=arguments.kind,
            move=arguments.move,
            edge=arguments.edge,
        )
        notes = []
        if arguments.fill:
            notes = _fill(rig, scene, arguments, bar)
        handed = []
        if arguments.hand_over:
            handed = _hand_over(rig, arguments, bar)
        bar.show(0.8, "Saving the scene")
        save_blend(arguments.blend)
    cut = layers_cut(rig)
    layers = [
        each | {"reason": kind_reason(rig, obj[NUMBER], each["kind"])}
        for obj, each in zip(layer_objects(rig), told_layers(rig), strict=True)
    ]
    report = {
        "scene": str(arguments.scene),
        "object": result.name,
        "collection": rig.users_collection[0].name,
        "thresholds": list(cut.thresholds),
        "sky": cut.sky_depth,
        "move": cut.move,
        "notes": notes,
        "layers": layers,
        "seconds": time.perf_counter() - started,
        "files": {"blend": str(arguments.blend), "handed over": handed},
    }
    return report, _text(report)


def told_layers(rig) -> list[dict]:
    """The layers of a rig as a report has them, in their order."""
    cut = layers_cut(rig)
    told = []
    for obj in layer_objects(rig):
        settings = cut.layer(obj[NUMBER])
        told.append(
            {
                "name": obj.name,
                "share": obj[SHARE],
                "kind": settings.kind,
                "up to": settings.end if settings.end < math.inf else None,
                "edge": settings.edge,
                "choke": settings.choke,
                "extension": settings.extension,
                "fill": settings.fill,
                "hidden": settings.hidden,
            }
        )
    return told


def _fill(rig, scene, arguments, bar) -> list[str]:
    of_model = {"prompt": arguments.prompt, "seed": arguments.seed}
    with Engine() as engine:
        return fill_layers(
            [rig],
            scene,
            kind=arguments.fill,
            model=arguments.fill_model,
            engine=engine,
            show=lambda fraction, message: bar.show(0.3 + 0.5 * fraction, message),
            **(of_model if arguments.fill == "MODEL" else {}),
        )


def _hand_over(rig, arguments, bar) -> list[str]:
    """Hand over each layer that shows invented pixels; paths of the pictures."""
    written = []
    for obj in layer_objects(rig):
        if not obj[SHARE]:
            continue
        with suppress(NothingInvented):
            files = hand_over(
                obj,
                arguments.hand_over,
                command=arguments.command,
                show=lambda fraction, message: bar.show(0.7, message),
            )
            written.append(str(files.picture))
    return written


def _text(report: dict) -> str:
    thresholds = ", ".join(f"{each:.2f} m" for each in report["thresholds"])
    lines = [
        f"{report['object']}: {len(report['layers'])} layers in the collection "
        f"{report['collection']}, {report['seconds']:.1f} s",
        f"split at {thresholds}; camera move {report['move']:g} m",
        *(
            f"{each['name']}: {each['kind'].lower()}, {each['share']:.1%} of the picture"
            + (f"; {each['reason']}" if each["reason"] else "")
            for each in report["layers"]
        ),
        *report["notes"],
        *(f"handed over {path}" for path in report["files"]["handed over"]),
        f"wrote {report['files']['blend']}",
    ]
    return "\n".join(lines)
