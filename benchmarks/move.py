"""Measure the seconds of layers and of Check Move for a frame, at 2 and 8 megapixels.

    python benchmarks/move.py

A street of known geometry is split into four layers of relief, or of cards, and a sky. Then all
of them are cut anew, one of them is, and the draft that follows a slider is. The camera goes 0.25 m
aside. Frames are checked quickly, at 480 pixels along the longer side, and at the frame's full
size, by which masks are exact to a pixel.
"""

import argparse
import json
import platform
import sys
import time
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sharpdepth_blender.scene import add_depth_result, frame_scene  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    change_layers,
    layers_cut,
    read_plate,
    split_result,
)
from sharpdepth_blender.scene.move import FrameChecker  # noqa: E402
from tests.geometry.layers.street import street  # noqa: E402

RESULT = Path(__file__).with_name("results") / "move.json"
SIZES = {"2 megapixels": (1920, 1080), "8 megapixels": (3840, 2160)}
FRAMES = (1, 6, 12, 18, 24)
ASIDE = 0.25


def main() -> int:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    found = {"machine": platform.processor(), "blender": bpy.app.version_string}
    for name, size in SIZES.items():
        for kind in ("CARD", "RELIEF"):
            scene, layers = build(*size, kind)
            found[f"{name}, layers of kind {kind}"] = layers
            told = ", ".join(f"{what} {each['processor']:.2f} s" for what, each in layers.items())
            print(f"{name}, four layers of kind {kind}, of processors: {told}", flush=True)
        for way, resolution in {"480 pixels": 480, "full size": max(size)}.items():
            seconds, share = check(scene, resolution)
            found[f"{name}, {way}"] = seconds | {"invented": share}
            print(
                f"{name}, {way}: {seconds['wall']:.2f} s a frame, {seconds['processor']:.2f} s of "
                f"processors; {100 * share:.2f} % of the last frame is invented",
                flush=True,
            )
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def build(
    width: int, height: int, kind: str
) -> tuple[bpy.types.Scene, dict[str, dict[str, float]]]:
    """A scene whose camera goes aside before layers, and the seconds of those."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    picture, depth, intrinsics = street(width, height)
    frame_scene(scene, intrinsics)
    rgb = np.round(255 * picture).astype(np.uint8)
    result = add_depth_result(scene, rgb, depth, depth, intrinsics, name="street")
    bpy.context.view_layer.update()
    seconds = {}
    rig, seconds["split"] = clocked(split_result, scene, result, count=4, move=ASIDE, kind=kind)
    plate, cut = read_plate(rig), layers_cut(rig)
    seconds["all cut anew"] = clocked(change_layers, rig, cut, plate)[1]
    one = cut.with_layer(cut.layers[1].id, edge=6)
    seconds["one cut anew"] = clocked(change_layers, rig, one, plate, whole=False)[1]
    seconds["draft"] = clocked(change_layers, rig, cut, plate, draft=True)[1]
    change_layers(rig, cut, plate)
    camera, start = scene.camera, scene.camera.matrix_world.copy()
    for frame in (FRAMES[0], FRAMES[-1]):
        share = (frame - FRAMES[0]) / (FRAMES[-1] - FRAMES[0])
        camera.matrix_world = start @ Matrix.Translation((share * ASIDE, 0, 0))
        camera.keyframe_insert("location", frame=frame)
    return scene, seconds


def clocked(work, *args, **kwargs) -> tuple[object, dict[str, float]]:
    """What work returns, and its seconds."""
    started = time.perf_counter(), time.process_time()
    done = work(*args, **kwargs)
    wall, processor = time.perf_counter() - started[0], time.process_time() - started[1]
    return done, {"wall": wall, "processor": processor}


def check(scene: bpy.types.Scene, resolution: int) -> tuple[dict[str, float], float]:
    """Median seconds of a frame, the first one aside, which builds the scene; and what it found."""
    wall, processor = [], []
    with FrameChecker(scene, resolution=resolution) as checker:
        for frame in FRAMES:
            started = time.perf_counter(), time.process_time()
            coverage = checker.check(frame)
            wall.append(time.perf_counter() - started[0])
            processor.append(time.process_time() - started[1])
    median = {"wall": float(np.median(wall[1:])), "processor": float(np.median(processor[1:]))}
    return median, coverage.invented


if __name__ == "__main__":
    sys.exit(main())
