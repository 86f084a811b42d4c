"""The command `sharpdepth project`: add a projection to a scene."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from ..api.projecting import project_shot
from ..scene import CameraError, save_blend
from ..scene.camera_at import camera_at
from ..scene.opening import object_named, open_blend
from ..scene.plates import UnreadableFile
from ..scene.projection import (
    bake_projection,
    camera_of,
    projections_of,
    shot_of_camera,
)
from ..scene.source import open_image
from .arguments import Parser, add_blend, add_json, add_scene, share, whole_number
from .errors import BadInput
from .output_paths import check_outputs
from .progress_bar import ProgressBar
from .suppress_output import suppress_output


def parse_project(argv: Sequence[str]) -> Namespace:
    """Parse the arguments of `project`.

    Raises:
        UsageError: An argument is unknown, missing or invalid.
        SystemExit: `--help` has been printed.
    """
    parser = Parser(
        prog="sharpdepth project",
        description="Project a picture from a locked copy of its camera onto meshes of a scene. "
        "Surfaces hidden from the camera are not painted.",
    )
    add_scene(parser, "the scene, with the camera that took the picture")
    add_blend(parser, "the scene to write, with the picture packed")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE",
        help="the picture, fitted into the camera frame unless it is the camera's background "
        "(default: the camera's background)",
    )  # fmt: skip
    parser.add_argument(
        "--camera", metavar="NAME", help="the camera that took it (default: the scene's)"
    )
    parser.add_argument(
        "--onto", nargs="+", metavar="NAME",
        help="meshes to project onto (default: all that render)",
    )  # fmt: skip
    parser.add_argument(
        "--frame", type=whole_number(-1048574, 1048574), metavar="N",
        help="frame of the picture (default: the scene's current frame)",
    )  # fmt: skip
    mask = parser.add_mutually_exclusive_group()
    mask.add_argument(
        "--mask", type=Path, metavar="FILE",
        help="paint only where this picture, aligned with the other, is white",
    )  # fmt: skip
    mask.add_argument(
        "--attribute", metavar="NAME",
        help="paint only where this color attribute of the meshes is white",
    )  # fmt: skip
    parser.add_argument(
        "--facing-fade", type=share, default=0.0, metavar="SHARE",
        help="fade where the cosine of the angle between surface and view is below this "
        "(default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-material", action="store_true",
        help="show the original materials where nothing is painted, instead of transparency",
    )  # fmt: skip
    parser.add_argument(
        "--bake", type=whole_number(16, 16384), metavar="SIZE",
        help="also bake the projections on each mesh into a texture with this side in pixels, and "
        "show that",
    )  # fmt: skip
    add_json(parser)
    return parser.parse_args(argv)


def run_project(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Run `project`.

    Args:
        arguments: From `parse_project`.
        bar: Progress bar.

    Returns:
        The report for `--json`, and the same as text.

    Raises:
        SceneError: The scene cannot be opened, projected on, baked or saved.
        BadInput: The picture, mask or meshes do not exist, or the output cannot be written.
    """
    check_outputs([arguments.blend])
    with suppress_output("stdout"):
        bar.show(0.0, "Opening the scene")
        scene = open_blend(arguments.scene)
        before = scene.frame_current
        if arguments.frame is not None:
            scene.frame_set(arguments.frame)
        objects = _objects(scene, arguments.onto)
        camera = _camera(scene, arguments.camera)
        shot = shot_of_camera(scene, camera, _image(arguments.picture))
        mask = _image(arguments.mask, is_data=True) or arguments.attribute
        bar.show(0.1, "Computing occlusion")
        projection = project_shot(
            objects,
            shot,
            scene,
            camera,
            mask=mask,
            facing_fade=arguments.facing_fade,
            keep_material=arguments.keep_material,
        )
        baked = []
        if arguments.bake:
            for number, obj in enumerate(objects):
                bar.show(0.3 + 0.6 * number / len(objects), f"Baking {obj.name}")
                baked.append(bake_projection(scene, obj, arguments.bake).name)
        bar.show(0.9, "Writing the scene")
        if arguments.frame is not None:
            scene.frame_set(before)
        save_blend(arguments.blend)
    report = {
        "scene": str(arguments.scene),
        "projection": projection.name,
        "camera": camera_of(projection).name,
        "objects": {obj.name: [each.name for each in projections_of(obj)] for obj in objects},
        "baked": baked,
        "notes": list(shot.notes),
        "files": {"blend": str(arguments.blend)},
    }
    return report, _text(report)


def _text(report: dict) -> str:
    count = len(report["objects"])
    lines = [
        f"{report['projection']}: onto {count} {'mesh' if count == 1 else 'meshes'}",
        *(f"baked {name}" for name in report["baked"]),
        *(f"note: {note}" for note in report["notes"]),
        f"wrote {report['files']['blend']}",
    ]
    return "\n".join(lines)


def _objects(scene, names):
    if names is None:
        found = [
            obj
            for obj in scene.objects
            if obj.type == "MESH" and not obj.hide_render and obj.library is None
        ]
        if not found:
            raise BadInput(f"The scene {scene.name} has no mesh that renders.")
        return found
    return [object_named(scene, name) for name in dict.fromkeys(names)]


def _camera(scene, name):
    if name is None:
        camera = camera_at(scene)
        if camera is None:
            raise CameraError("The scene {scene} has no camera.", scene=scene.name)
        return camera
    return object_named(scene, name)


def _image(path, is_data=False):
    """Load a picture file as a packed image; None without one."""
    if path is None:
        return None
    try:
        image = open_image(path, again=is_data)
        if image.source == "FILE" and not image.packed_file:
            image.pack()
    except (UnreadableFile, RuntimeError) as error:
        raise BadInput(f"Cannot read the picture {path}.") from error
    if is_data:
        image.colorspace_settings.is_data = True
    return image
