"""The command `sharpdepth paint`: clean plates and masks for layers, as files beside the scene."""

import os
import time
from argparse import Namespace
from collections.abc import Sequence

import bpy

from ..api import LayerMask, new_clean_plate, set_layer_mask
from ..scene import SceneError, save_blend
from ..scene.layers import (
    ChangedOutside,
    clean_files,
    grow_clean_plate,
    is_layer,
    is_layers,
    layer_objects,
)
from ..scene.layers.clean_plate import plate_in_the_way
from ..scene.opening import object_named, open_blend
from .arguments import Parser, add_blend, add_json, add_scene
from .output_paths import check_outputs
from .progress_bar import ProgressBar
from .suppress_output import suppress_output


def parse_paint(argv: Sequence[str]) -> Namespace:
    """Parse the arguments of `paint`.

    Raises:
        UsageError: An argument is unknown, missing or invalid.
        SystemExit: `--help` has been printed.
    """
    parser = Parser(
        prog="sharpdepth paint",
        description="Give layers clean plates, files in the folder 'clean plates' beside the new "
        "scene that are painted over them, or masks that tell which pixels belong to them. What "
        "layers have already stays.",
    )
    add_scene(parser, "the scene, with layers")
    add_blend(parser, "the scene to write")
    parser.add_argument(
        "--layer", metavar="NAME", action="append",
        help="a layer; may be repeated (default: all of the scene)",
    )  # fmt: skip
    parser.add_argument(
        "--mask", metavar="FILE",
        help="a matte of the layer, in place of a clean plate: alpha, else luminance, or a "
        "cryptomatte with --names; takes one --layer",
    )  # fmt: skip
    parser.add_argument(
        "--names", metavar="A,B", default="", help="names of things in a cryptomatte"
    )
    parser.add_argument(
        "--add", action="store_true", help="leave what the mask does not claim to depth"
    )
    there = parser.add_mutually_exclusive_group()
    there.add_argument(
        "--overwrite", action="store_true",
        help="write over clean plates that are there; without, they are an error",
    )  # fmt: skip
    there.add_argument(
        "--use", action="store_true", help="show clean plates that are there, as they are"
    )
    add_json(parser)
    arguments = parser.parse_args(argv)
    if arguments.mask and len(arguments.layer or ()) != 1:
        parser.error("--mask takes one --layer")
    return arguments


def run_paint(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Run `paint`.

    Args:
        arguments: From `parse_paint`.
        bar: Progress bar.

    Returns:
        The report for `--json`, and the same as text.

    Raises:
        BadInput: The scene cannot be written there.
        SceneError: The scene cannot be opened, has no such layers, a clean plate is there already,
            or a mask does not fit.
    """
    started = time.perf_counter()
    check_outputs([arguments.blend])
    with suppress_output("stdout"):
        scene = open_blend(arguments.scene)
        layers = _layers(scene, arguments.layer)
        if arguments.mask:
            bar.show(0.3, f"Cutting {layers[0].name}")
            names = tuple(each.strip() for each in arguments.names.split(",") if each.strip())
            path = os.path.abspath(arguments.mask)
            set_layer_mask(layers[0], LayerMask("FILE", path=path, names=names, adds=arguments.add))
            paths = {layers[0].name: path}
        else:
            existing = "USE" if arguments.use else "OVERWRITE"
            folder = os.path.dirname(os.path.abspath(arguments.blend))
            if not (arguments.use or arguments.overwrite):
                _check_nothing_there(layers, folder)
            paths = {}
            for obj in layers:
                bar.show(0.3, f"Adding a clean plate to {obj.name}")
                plate = new_clean_plate(obj, folder=folder, existing=existing)
                grow_clean_plate(obj)
                if plate.is_dirty:
                    clean_files.save_plate(plate)
                paths[obj.name] = clean_files.plate_path(plate)
        bar.show(0.8, "Saving the scene")
        save_blend(arguments.blend)
    report = {
        "scene": str(arguments.scene),
        "layers": paths,
        "seconds": time.perf_counter() - started,
        "files": {"blend": str(arguments.blend)},
    }
    lines = [f"{name}: {path or 'packed'}" for name, path in paths.items()]
    return report, "\n".join([*lines, f"wrote {report['files']['blend']}"])


def _check_nothing_there(layers: Sequence[bpy.types.Object], folder: str) -> None:
    """Raise ChangedOutside if there are files that somebody may have painted on."""
    there = [path for obj in layers if (path := plate_in_the_way(obj, folder))]
    if there:
        raise ChangedOutside(
            "Already there, and perhaps painted on: {path}. Use it with --use, or write over it "
            "with --overwrite.",
            path=", ".join(there),
        )


def _layers(scene: bpy.types.Scene, names: Sequence[str] | None) -> list[bpy.types.Object]:
    if names:
        found = [object_named(scene, name) for name in names]
        for obj in found:
            if not is_layer(obj):
                raise SceneError("{obj} is no layer of a picture.", obj=obj.name)
        return found
    found = [obj for rig in scene.objects if is_layers(rig) for obj in layer_objects(rig)]
    if not found:
        raise SceneError("The scene {scene} has no layers.", scene=scene.name)
    return found
