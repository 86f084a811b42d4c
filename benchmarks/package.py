"""Measure what goes out: bytes, faces and errors of glTF and packages, decibels of splats.

    python benchmarks/package.py [--width 768 --height 576] [--repeat 3]

A room of known geometry with grain in its depth and its picture, as a network and a lens make
them, is split into three layers for a camera that goes as far as proposed, and for one that goes
0.7 m. Their surfaces are written with all their samples and as glTF has them, and as few faces; the
error is that of the file, stated by it and measured at every sample. Splats are drawn by the small
renderer of the tests, at a quarter of the size, from where the plate was taken.
"""

import argparse
import json
import platform
import re
import sys
import tempfile
import time
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sharpdepth_blender.geometry import Intrinsics  # noqa: E402
from sharpdepth_blender.geometry.splats import splats_of, write_splats  # noqa: E402
from sharpdepth_blender.scene import add_depth_result, frame_scene  # noqa: E402
from sharpdepth_blender.scene.export import export_gltf, export_package  # noqa: E402
from sharpdepth_blender.scene.export.export_scene import export_scene  # noqa: E402
from sharpdepth_blender.scene.layers import layer_objects, split_result  # noqa: E402
from tests.scene.export.test_splats import decibels, drawn, read_splats  # noqa: E402

RESULT = Path(__file__).with_name("results") / "package.json"
FACES = (5000, 20000)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--height", type=int, default=576)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [measured(given, move, Path(folder)) for move in (None, 0.7)]
        psnr = splats(Path(folder), given.width // 4, given.height // 4)
    RESULT.write_text(
        json.dumps(
            {
                "machine": platform.machine(),
                "blender": bpy.app.version_string,
                "size": [given.width, given.height],
                "layers": rows,
                "splats_psnr": psnr,
            },
            indent=1,
        )
        + "\n"
    )
    for row in rows:
        print(json.dumps(row, indent=1))
    print(f"splats: {psnr:.1f} dB")
    return 0


def measured(given, move, folder) -> dict:
    """Bytes, faces, pixels and seconds of three layers of the room."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    rgb, depth, camera = room(given.width, given.height)
    frame_scene(scene, camera)
    result = add_depth_result(scene, rgb, depth, depth, camera, name="room")
    bpy.context.view_layer.update()
    layers = layer_objects(split_result(scene, result, count=3, move=move))
    row = {"move": move or "proposed", "samples": samples(scene, layers)}
    for name, faces in (("quarter_pixel", None), *((f"faces_{n}", n) for n in FACES)):
        seconds = []
        for _ in range(given.repeat):
            started = time.perf_counter()
            notes = export_gltf(folder / "a.glb", scene, layers, [scene.camera], faces)
            seconds.append(time.perf_counter() - started)
        row[name] = {
            "megabytes": round((folder / "a.glb").stat().st_size / 1e6, 2),
            "seconds": round(min(seconds), 2),
            **stated(notes),
        }
    started = time.perf_counter()
    export_package(folder / f"pack {move}", scene, layers, [scene.camera])
    files = [each for each in (folder / f"pack {move}").rglob("*") if each.is_file()]
    row["package"] = {
        "seconds": round(time.perf_counter() - started, 2),
        "megabytes": round(sum(each.stat().st_size for each in files) / 1e6, 2),
    }
    return row


def samples(scene, layers) -> dict:
    """Vertices and faces of the layers' own surfaces."""
    with export_scene(scene, layers, [], "a") as stage:
        depsgraph = stage.scene.view_layers[0].depsgraph
        meshes = [obj.evaluated_get(depsgraph).data for obj in stage.scene.objects]
        return {
            "vertices": sum(len(mesh.vertices) for mesh in meshes),
            "triangles": 2 * sum(len(mesh.polygons) for mesh in meshes),
        }


def stated(notes) -> dict:
    found = [re.search(r"than (\S+) pixels \((\S+) on.* has (\d+) faces", each) for each in notes]
    found = [each for each in found if each]
    return {
        "faces": sum(int(each[3]) for each in found),
        "worst_pixels": max(float(each[1]) for each in found),
        "mean_pixels": round(float(np.mean([float(each[2]) for each in found])), 3),
    }


def splats(folder, width, height) -> float:
    """Decibels of the room as splats, seen from where it was taken."""
    rgb, depth, camera = room(width, height)
    write_splats(folder / "a.ply", [splats_of(depth, rgb, np.ones(depth.shape), camera)])
    picture, clear = drawn(read_splats(folder / "a.ply")[1], np.eye(4), camera)
    assert clear.max() < 0.01, "There are holes."
    return round(float(decibels(picture, rgb / 255)), 2)


def room(width, height):
    """Walls, floor and ceiling with bowls before them: (rgb, depth, intrinsics)."""
    focal = 0.8 * width
    v, u = np.indices((height, width)) + 0.5
    across, down = (u - width / 2) / focal, (v - height / 2) / focal
    with np.errstate(divide="ignore"):
        sides = (1.4 / down, -1.3 / down, 2.2 / across, -2.4 / across)
    depth = np.minimum.reduce([np.where(side > 0, side, 6.0) for side in sides])
    depth = np.minimum(depth, 6.0)
    rng = np.random.default_rng(1)
    for _ in range(14):
        x, y = rng.uniform(0, width), rng.uniform(0.3 * height, height)
        radius, far = rng.uniform(0.03, 0.15) * width, rng.uniform(1.6, 4.5)
        inside = 1 - ((u - x) ** 2 + (v - y) ** 2) / radius**2
        bowl = far * (1 - np.sqrt(np.maximum(inside, 0)) * radius / focal)
        depth = np.where((inside > 0) & (bowl < depth), bowl, depth)
    grain = rng.normal(size=depth.shape)
    depth = depth * (1 + 0.004 * clouds(depth.shape, 2) + 0.0007 * grain)
    picture = 0.1 * np.stack([clouds(depth.shape, seed) for seed in (5, 6, 7)], -1)
    picture += 0.12 * clouds(depth.shape, 8)[..., None] + 0.5 - 0.03 * depth[..., None]
    picture += 0.012 * rng.normal(size=picture.shape)
    camera = Intrinsics(focal, focal, width / 2, height / 2, width, height)
    return np.round(255 * picture.clip(0, 1)).astype(np.uint8), depth.astype(np.float32), camera


def clouds(shape, seed):
    """Smooth noise of every size down to a hundredth of the picture."""
    rng = np.random.default_rng(seed)
    found = np.zeros(shape)
    for octave in range(1, 8):
        count = 2**octave
        values = rng.normal(size=(count + 1, count + 1))
        for axis, side in enumerate(shape):
            at = np.linspace(0, count, side)
            first = np.minimum(at.astype(int), count - 1)
            share = np.expand_dims(at - first, 1 - axis)
            low, high = values.take(first, axis), values.take(first + 1, axis)
            values = low * (1 - share) + high * share
        found += values / count**0.7
    return found


if __name__ == "__main__":
    sys.exit(main())
