"""The command `sharpdepth layer`: change one layer of a set and write a new scene."""

import argparse
import math
from argparse import Namespace
from collections.abc import Sequence

from ..api import merge_layer, move_layer, set_layer, split_layer
from ..geometry.layers import KINDS
from ..scene import save_blend
from ..scene.layers import layer_place
from ..scene.opening import object_named, open_blend
from .arguments import Parser, add_blend, add_json, add_scene, whole_number
from .layers import length, told_layers
from .output_paths import check_outputs
from .progress_bar import ProgressBar
from .suppress_output import suppress_output

_SETTINGS = ("name", "kind", "edge", "choke", "extension", "hidden")


def parse_layer(argv: Sequence[str]) -> Namespace:
    """Parse the arguments of `layer`.

    Raises:
        UsageError: An argument is unknown, missing or invalid.
        SystemExit: `--help` has been printed.
    """
    parser = Parser(
        prog="sharpdepth layer",
        description="Change one layer of a result that was split. Other layers, and what was "
        "painted on them, are not touched.",
    )
    add_scene(parser, "the scene, with layers")
    add_blend(parser, "the scene to write")
    parser.add_argument("--layer", required=True, metavar="NAME", help="the layer's object")
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument(
        "--split", nargs="?", const="gap", type=place, metavar="METERS|gap|halves",
        help="split it in two, at a depth, at its best gap in depth (the default), or with as many "
        "pixels on either side",
    )  # fmt: skip
    ways.add_argument("--merge", action="store_true", help="join it with the layer behind it")
    ways.add_argument(
        "--move-by", type=whole_number(-7, 7), metavar="PLACES",
        help="move it so many places toward the back, negative toward the camera",
    )  # fmt: skip
    parser.add_argument("--name", help="its name")
    parser.add_argument("--kind", type=str.upper, choices=KINDS, help="its shape")
    parser.add_argument(
        "--edge", type=whole_number(0, 32), metavar="PIXELS", help="width of the fade at its edge"
    )
    parser.add_argument(
        "--choke", type=whole_number(-64, 64), metavar="PIXELS",
        help="pixels by which its edge retreats, negative: grows",
    )  # fmt: skip
    parser.add_argument(
        "--extension", type=whole_number(0, 64), metavar="PIXELS",
        help="pixels at its edge that take on its own colors from farther inside",
    )  # fmt: skip
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument(
        "--hide", action="store_true", default=None, dest="hidden",
        help="hide it in viewports and renders",
    )  # fmt: skip
    shown.add_argument("--show", action="store_false", dest="hidden", help="show it again")
    add_json(parser)
    return parser.parse_args(argv)


def place(text: str) -> float | str:
    """Argument type: meters above 0, `gap` or `halves`."""
    if found := {"gap": "VALLEY", "halves": "HALVES"}.get(text.lower()):
        return found
    meters = length(text)
    if not 0 < meters < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} must be a depth in meters, 'gap' or 'halves'")
    return meters


def run_layer(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Run `layer`.

    Args:
        arguments: From `parse_layer`.
        bar: Progress bar.

    Returns:
        The report for `--json`, and the same as text.

    Raises:
        BadInput: The scene cannot be written there.
        SceneError: The scene cannot be opened, has no such layer, or it cannot be changed so.
    """
    check_outputs([arguments.blend])
    with suppress_output("stdout"):
        obj = object_named(open_blend(arguments.scene), arguments.layer)
        rig, _ = layer_place(obj)
        bar.show(0.2, f"Changing {obj.name}")
        given = {name: getattr(arguments, name) for name in _SETTINGS}
        if changes := {name: value for name, value in given.items() if value is not None}:
            set_layer(obj, **changes)
        if arguments.split is not None:
            split_layer(obj, arguments.split)
        elif arguments.merge:
            merge_layer(obj)
        elif arguments.move_by:
            move_layer(obj, arguments.move_by)
        bar.show(0.8, "Saving the scene")
        save_blend(arguments.blend)
    report = {
        "scene": str(arguments.scene),
        "collection": rig.users_collection[0].name,
        "layers": told_layers(rig),
        "files": {"blend": str(arguments.blend)},
    }
    lines = [
        *(
            f"{each['name']}: {each['kind'].lower()}, {each['share']:.1%} of the picture"
            for each in report["layers"]
        ),
        f"wrote {arguments.blend}",
    ]
    return report, "\n".join(lines)
