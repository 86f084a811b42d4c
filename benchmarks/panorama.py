"""AbsRel of a panorama rendered by Cycles, whose exact ray length is known.

    python benchmarks/panorama.py [--width 768] [--model preview]

The demo scene's room, seen all around from its camera. The views are joined, or blended without any
alignment: of the model, and of the exact depth, each view off by a factor of its own of up to a
fifth, which tells what the joining does by itself. One length everywhere, the median, is the least
that a model has to beat. Errors are at the best factor for all depth; that factor is told.
Prints a table and writes benchmarks/results/panorama.json.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

import bpy
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sharpdepth_blender.geometry.panorama import is_panorama  # noqa: E402
from sharpdepth_blender.geometry.panorama_views import (  # noqa: E402
    blend_views,
    join_views,
    panorama_views,
    view_picture,
)
from sharpdepth_blender.process import Engine  # noqa: E402
from sharpdepth_blender.scene.picture import file_values  # noqa: E402
from training.scenes.demo import DEMO_SEED  # noqa: E402
from training.scenes.scene import build_scene  # noqa: E402

RESULT = Path(__file__).with_name("results") / "panorama.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--model", default="preview")
    parser.add_argument("--samples", type=int, default=16)
    given = parser.parse_args()
    width, height = given.width, given.width // 2
    with tempfile.TemporaryDirectory() as folder:
        rgb, truth = render(Path(folder), width, height, given.samples)
    views = panorama_views(width)
    with Engine() as engine:
        depths = [
            engine.infer(
                view_picture(rgb, view), intrinsics=tuple(view.intrinsics), model=given.model
            ).wait().depth
            for view in views
        ]  # fmt: skip
    factors = np.exp(np.random.default_rng(0).uniform(-0.2, 0.2, len(views)))
    off = [
        exact_depth(truth, view) * np.float32(factor)
        for view, factor in zip(views, factors, strict=True)
    ]
    ways = {}
    for name, maps in ((given.model, depths), ("exact, each view off", off)):
        logs = [np.log(each * ray_lengths(view)) for each, view in zip(maps, views, strict=True)]
        ways[f"{name}: joined"] = join_views(views, maps, width, height)
        ways[f"{name}: blended"] = np.exp(blend_views(views, logs, width, height))
    ways["the median everywhere"] = np.full_like(truth, np.median(truth))
    # Each pixel counts by its solid angle.
    weight = np.sin((np.arange(height) + 0.5) / height * np.pi)[:, None] * np.ones(width)
    rows = []
    for name, length in ways.items():
        factor = float(np.median(truth / length))
        error = np.abs(length * factor / truth - 1)
        rows.append({"way": name, "AbsRel": float(np.average(error, weights=weight)),
                     "factor": factor})  # fmt: skip
        print(f"{name:30} AbsRel {rows[-1]['AbsRel']:.3f}  factor {factor:.3f}", flush=True)
    report = {"machine": f"{platform.machine()}, {os.cpu_count()} cores", "model": given.model,
              "size": [width, height], "recognized": is_panorama(rgb), "ways": rows}  # fmt: skip
    print("recognized:", report["recognized"])
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def exact_depth(truth, view):
    """z-depth of a view, of the nearest pixel of the panorama."""
    height, width = truth.shape
    k = view.intrinsics
    x = (np.arange(k.width) + 0.5 - k.cx) / k.fx
    x, y = np.meshgrid(x, -x)
    seen = np.stack([x, y, -np.ones_like(x)], -1) @ view.turn.T
    across = np.arctan2(seen[..., 0], -seen[..., 2]) / (2 * np.pi) + 0.5
    down = np.arccos(seen[..., 1] / np.linalg.norm(seen, axis=-1)) / np.pi
    rows = np.minimum((down * height).astype(int), height - 1)
    return truth[rows, (across * width).astype(int) % width] / ray_lengths(view)


def ray_lengths(view):
    """Length of each pixel's ray to a plane at 1 m."""
    k = view.intrinsics
    x = (np.arange(k.width) + 0.5 - k.cx) / k.fx
    return np.sqrt(1 + x[None] ** 2 + x[:, None] ** 2).astype(np.float32)


def render(folder, width, height, samples):
    """The room as a panorama, (H, W, 3) uint8, and its ray length, (H, W) meters."""
    scene = build_scene(DEMO_SEED)
    scene = scene if isinstance(scene, bpy.types.Scene) else bpy.context.scene
    data = scene.camera.data
    data.type = "PANO"
    kind = data if hasattr(data, "panorama_type") else data.cycles
    kind.panorama_type = "EQUIRECTANGULAR"
    # Upright, as panoramas are.
    place = scene.camera.matrix_world.translation.copy()
    turn = scene.camera.matrix_world.to_euler()
    scene.camera.rotation_mode = "XYZ"
    scene.camera.matrix_world.identity()
    scene.camera.location, scene.camera.rotation_euler = place, (np.pi / 2, 0, turn.z)
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    scene.cycles.samples = samples
    scene.view_layers[0].use_pass_z = True
    render.image_settings.media_type = "MULTI_LAYER_IMAGE"
    render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    render.image_settings.color_depth = "32"
    render.filepath = str(folder / "panorama.exr")
    bpy.ops.render.render(write_still=True)
    from sharpdepth_blender.scene.exr import read_depth_exr

    length = read_depth_exr(folder / "panorama.exr")
    render.image_settings.media_type = "IMAGE"
    render.image_settings.file_format = "PNG"
    render.image_settings.color_depth = "8"
    scene.view_settings.view_transform = "Standard"
    bpy.data.images["Render Result"].save_render(str(folder / "panorama.png"))
    values = file_values(str(folder / "panorama.png"))[..., :3]
    return np.round(values * 255).astype(np.uint8), np.minimum(length, 40)


if __name__ == "__main__":
    sys.exit(main())
