"""Measure layers: holes after a camera move, and the re-render from their own camera.

    python benchmarks/layers.py [--width 480 --height 270] [--move 0.25]

A street of known geometry (ground, wall, ball, post; with and without a sky) is split into 3, 4
and 8 layers, as relief and as cards, and rendered by Cycles, one sample at the middle of each
pixel, from its own camera and from seven others that moved by the stated length. A hole is a pixel
that is not wholly covered. A light speck is a pixel that is brighter than all those at two pixels
from it by more than 12/255, where the true view has none. Beside it stands what there is without
layers: the result itself, whose surface is torn at edges.
"""

import argparse
import json
import platform
import sys
import tempfile
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sharpdepth_blender.geometry.windows import near_to  # noqa: E402
from sharpdepth_blender.scene import add_depth_result, frame_scene  # noqa: E402
from sharpdepth_blender.scene.layers import split_result  # noqa: E402
from sharpdepth_blender.scene.picture import image_values  # noqa: E402
from sharpdepth_blender.scene.saving import choose_format  # noqa: E402
from tests.geometry.layers.street import street  # noqa: E402

RESULT = Path(__file__).with_name("results") / "layers.json"
THIRD = 3**-0.5
WAYS = {
    "right": (1, 0, 0), "left": (-1, 0, 0), "up": (0, 1, 0), "down": (0, -1, 0),
    "forth": (0, 0, 1), "back": (0, 0, -1), "right, down and back": (THIRD, -THIRD, -THIRD),
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--height", type=int, default=270)
    parser.add_argument("--move", type=float, default=0.25, help="meters")
    given = parser.parse_args()
    rows = [
        look_around(given, sky, count, kind)
        for sky in (True, False)
        for count in (None, 3, 4, 8)
        for kind in (("RELIEF", "CARD") if count else ("RELIEF",))
    ]
    RESULT.write_text(
        json.dumps(
            {
                "machine": platform.processor(),
                "blender": bpy.app.version_string,
                "picture": [given.width, given.height],
                "move in meters": given.move,
                "layers": rows,
            },
            indent=1,
        )
    )
    return 0


def make(width, height, sky):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    picture, depth, intrinsics = street(width, height)
    if not sky:
        depth = np.where(depth == 0, np.float32(60), depth)
    frame_scene(scene, intrinsics)
    rgb = np.round(255 * picture).astype(np.uint8)
    result = add_depth_result(scene, rgb, depth, depth, intrinsics, name="street")
    bpy.context.view_layer.update()
    return scene, result, picture


def look_around(given, sky, count, kind):
    scene, result, picture = make(given.width, given.height, sky)
    if count:
        split_result(scene, result, count=count, sky=0.0, move=given.move, kind=kind)
    with tempfile.TemporaryDirectory() as folder:
        own = render(scene, Path(folder), (0, 0, 0))
        holes, light = {}, {}
        for name, way in WAYS.items():
            move = np.multiply(way, given.move)
            seen = render(scene, Path(folder), move)
            holes[name] = float((seen[..., 3] < 0.999).mean())
            true = specks(street(given.width, given.height, move=tuple(move))[0])
            light[name] = int((specks(seen) & ~near_to(true, 2)).sum())
    error = 255 * np.abs(own[..., :3] - picture)
    row = {
        "sky": sky,
        "layers": count,
        "kind": kind,
        "own camera: mean error in 255ths": float(error.mean()),
        "own camera: 99.9th percentile": float(np.quantile(error, 0.999)),
        "own camera: most": float(error.max()),
        "own camera: holes": float((own[..., 3] < 0.999).mean()),
        "holes by direction": holes,
        "light specks by direction": light,
    }
    what = f"{count} layers of {row['kind'].lower()}" if count else "the result itself"
    print(
        f"{what}, {'a' if sky else 'no'} sky: own camera off by "
        f"{row['own camera: mean error in 255ths']:.3f}/255, 99.9 % within "
        f"{row['own camera: 99.9th percentile']:.2f}/255; "
        f"at most {max(holes.values()):.4%} holes and "
        f"{max(light.values())} light specks after a move",
        flush=True,
    )
    return row


def specks(picture):
    """(H, W) bool, where a picture is lighter than all that is two pixels away."""
    height, width = picture.shape[:2]
    light = np.pad(picture[..., :3] @ np.array([0.2126, 0.7152, 0.0722]), 2, mode="edge")
    around = [
        light[y : y + height, x : x + width]
        for y in range(5)
        for x in range(5)
        if 0 in (y % 4, x % 4)
    ]
    return light[2:-2, 2:-2] - np.max(around, 0) > 12 / 255


def render(scene, folder, way):
    settings, cycles = scene.render, scene.cycles
    settings.engine = "CYCLES"
    settings.film_transparent = True
    settings.dither_intensity = 0
    cycles.device = "CPU"
    cycles.samples = 1
    cycles.use_denoising = cycles.use_adaptive_sampling = False
    cycles.pixel_filter_type = "BOX"
    cycles.filter_width = 0.01
    cycles.min_transparent_bounces = 16
    choose_format(settings.image_settings, "PNG")
    settings.image_settings.color_mode = "RGBA"
    settings.image_settings.color_depth = "16"
    settings.filepath = str(folder / "look.png")
    camera, place = scene.camera, scene.camera.matrix_world.copy()
    camera.matrix_world = place @ Matrix.Translation((way[0], way[1], -way[2]))
    bpy.ops.render.render(write_still=True, scene=scene.name)
    camera.matrix_world = place
    image = bpy.data.images.load(settings.filepath)
    image.colorspace_settings.is_data = True
    values = image_values(image).copy()
    bpy.data.images.remove(image)
    return values


if __name__ == "__main__":
    sys.exit(main())
