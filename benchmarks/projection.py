"""Measure what a projected picture is worth: from its own camera, and from others.

    python benchmarks/projection.py [--width 480]

On the scene of known geometry (large planes of one face each, boxes, balls), a picture is rendered,
projected from its camera, and rendered again with Cycles' own pixel filter. Each pixel's ray is
known by formula, and so is whether the projection camera sees what it hits. Edges, where a pixel of
either picture is a mixture, are left out: two pixels here, one and a half there.
"""

import argparse
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sharpdepth_blender.scene import camera_intrinsics, camera_matrix  # noqa: E402
from sharpdepth_blender.scene.projection import add_projection, bake_projection  # noqa: E402
from tests.scene.projection import projection_scene  # noqa: E402

RESULT = Path(__file__).with_name("results") / "projection.json"
# What the camera is like: (frame's height over its width, settings of its data, pixel aspect).
CAMERAS = {
    "landscape": (9 / 16, {}, (1, 1)),
    "portrait, shifted": (4 / 3, {"shift_x": -0.11, "shift_y": 0.21}, (1, 1)),
    "vertical fit, wide pixels": (1.0, {"sensor_fit": "VERTICAL", "shift_x": 0.1}, (2, 1)),
}
# Where it is seen from: how far the camera moved, in meters, and turned, in radians.
VIEWS = {
    "own": ((0, 0, 0), (0, 0, 0)),
    "0.2 m aside": ((0.2, 0, 0), (0, 0, 0)),
    "0.8 m aside, turned": ((0.7, 0.3, 0.35), (-0.05, 0.02, 0.15)),
    "2 m up": ((0, 0, 2), (-0.25, 0, 0)),
}
TEXTURE = 512
_LINE = "{:26} {:20} {:>7} {:>7} {:>7} {:>7} {:>8} {:>7} {:>6}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--width", type=int, default=480)
    width = parser.parse_args().width
    columns = ("camera", "seen from", "mean", "99.9 %", "seen", "hidden", "spilt", "worst", "bare")
    print(_LINE.format(*columns))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (shape, settings, aspect) in CAMERAS.items():
            rows += compare(name, width, shape, settings, aspect, Path(folder))
        baked = bake(width, Path(folder))
    print(
        f"baked to {TEXTURE} texels and rendered from the camera: mean {baked['mean']:.2f} of 255 "
        f"from what is projected, 99 % {baked['most']:.1f}; {baked['seconds']:.1f} s"
    )
    RESULT.parent.mkdir(exist_ok=True)
    found = {
        "blender": bpy.app.version_string,
        "machine": platform.processor(),
        "width": width,
        "rows": rows,
        "baked": baked,
    }
    RESULT.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def compare(name, width, shape, settings, aspect, folder):
    """Rows of one camera."""
    scene, objects, camera = set_up(width, shape, settings, aspect)
    truths = {}
    for view, (moved, turned) in VIEWS.items():
        projection_scene.place(camera, moved, turned)
        truths[view] = projection_scene.render(scene, folder / "truth.png")
        if view == "own":
            (folder / "truth.png").rename(folder / "plate.png")
    intrinsics, matrix, seconds = project(scene, objects, camera, folder)
    rows = []
    for view, (moved, turned) in VIEWS.items():
        projection_scene.place(camera, moved, turned)
        shown = projection_scene.render(scene, folder / "shown.png")
        found = projection_scene.compare(scene, truths[view], shown, intrinsics, matrix)
        rows.append({"camera": name, "view": view, **vars(found), "set_up_seconds": seconds})
        shares = (f"{each:.1%}" for each in (found.seen, found.hidden))
        paint = (f"{found.spilt:.3%}", f"{found.worst:.0%}", f"{found.bare:.0%}")
        errors = (f"{found.mean:.3f}", f"{found.most:.1f}")
        print(_LINE.format(name, view, *errors, *shares, *paint), flush=True)
    return rows


def bake(width, folder):
    """A box, baked and projected, from its own camera."""
    scene, objects, camera = set_up(width, *CAMERAS["landscape"])
    projection_scene.place(camera)
    projection_scene.render(scene, folder / "plate.png")
    project(scene, objects, camera, folder)
    projected = projection_scene.render(scene, folder / "projected.png")
    boxes = [obj for obj in objects if obj.name.startswith("Box")]
    started = time.perf_counter()
    for obj in boxes:
        bake_projection(scene, obj, TEXTURE)
    seconds = time.perf_counter() - started
    shown = projection_scene.render(scene, folder / "baked.png")
    _, rays = projection_scene.known.frame_rays(scene, camera, *projected.shape[1::-1])
    _, thing = projection_scene.known.cast(np.array(camera.matrix_world)[:3, 3], rays)
    kinds = np.array([type(each).__name__ == "Box" for each in projection_scene.known.THINGS])
    there = kinds[thing] & projection_scene.inner(thing[..., None])
    off = np.abs(shown - projected).max(-1)[there]
    return {"mean": float(off.mean()), "most": float(np.percentile(off, 99)), "seconds": seconds}


def set_up(width, shape, settings, aspect):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    objects = projection_scene.build(scene)
    render = scene.render
    # So many pixels for each camera, whatever its shape.
    render.resolution_x = round(width * (9 / 16 / shape) ** 0.5)
    render.resolution_y = round(render.resolution_x * shape)
    render.pixel_aspect_x, render.pixel_aspect_y = aspect
    camera = bpy.data.objects.new("Shot", bpy.data.cameras.new("Shot"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    camera.data.lens, camera.data.sensor_width, camera.data.sensor_height = 21, 30, 22
    camera.data.clip_end = 5000
    for key, value in settings.items():
        setattr(camera.data, key, value)
    return scene, objects, camera


def project(scene, objects, camera, folder):
    """Project the plate from the camera over what is bare now; intrinsics, matrix, seconds."""
    projection_scene.strip(objects)
    projection_scene.place(camera)
    intrinsics, matrix = camera_intrinsics(scene, camera), camera_matrix(scene, camera)
    picture = projection_scene.plate(folder / "plate.png")
    started = time.perf_counter()
    add_projection(
        scene, objects, picture, intrinsics, matrix, name="plate", camera=camera, keep_material=True
    )
    return intrinsics, matrix, time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
