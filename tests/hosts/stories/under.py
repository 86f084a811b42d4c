"""The mesh over the picture that Blender itself draws behind its camera, screenshot by screenshot.

blender --python under.py -- FOLDER
"""

import importlib
import itertools
import sys
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

sys.path.insert(0, str(Path(__file__).parent))

from ui_script import Teller  # noqa: E402

bpy.context.preferences.view.show_splash = False
PACKAGE = "bl_ext.user_default.sharpdepth_blender.sharpdepth_blender"
WIDTH, HEIGHT = 320, 240
# Pure colors, far apart and told apart in any order, on black.
DOTS = {
    (255, 0, 0): (60, 50),
    (0, 255, 0): (250, 60),
    (0, 0, 255): (160, 130),
    (255, 255, 0): (70, 190),
    (255, 0, 255): (240, 180),
}
CASES = list(itertools.product(("AUTO", "HORIZONTAL", "VERTICAL"), ("STRETCH", "FIT", "CROP")))


def story(teller):
    scene_room = importlib.import_module(f"{PACKAGE}.scene")
    picture_room = importlib.import_module(f"{PACKAGE}.scene.picture")
    scene = bpy.context.scene
    scene.view_settings.view_transform = "Standard"
    bpy.data.batch_remove([obj for obj in bpy.data.objects if obj.type != "CAMERA"])
    camera = scene.camera
    data = camera.data
    data.show_background_images = True
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    for color, (x, y) in DOTS.items():
        rgb[(u - x) ** 2 + (v - y) ** 2 < 12**2] = color
    image = picture_room.new_picture("dots", rgb)
    shown = data.background_images.new()
    shown.image, shown.alpha = image, 1.0

    space = teller.area("VIEW_3D").spaces.active
    space.shading.type, space.shading.light = "SOLID", "FLAT"
    space.shading.color_type = "TEXTURE"
    for name in ("floor", "axis_x", "axis_y", "cursor", "text", "outline_selected"):
        setattr(space.overlay, f"show_{name}", False)
    space.show_gizmo = space.show_region_header = space.show_region_toolbar = False
    space.region_3d.view_perspective = "CAMERA"
    data.show_passepartout = False
    yield 0.5
    with teller.over():
        bpy.ops.view3d.view_center_camera()

    rng = np.random.default_rng(4)
    found = teller.notes["distances"] = {}
    for number, (fit, method) in enumerate(CASES):
        scene.render.resolution_x, scene.render.resolution_y = 1000, int(rng.integers(600, 1400))
        scene.render.pixel_aspect_x = rng.uniform(1, 1.3)
        data.sensor_fit, data.lens = fit, rng.uniform(20, 60)
        data.sensor_width, data.sensor_height = 36, rng.uniform(18, 30)
        data.shift_x, data.shift_y = rng.uniform(-0.08, 0.08, 2)
        shown.frame_method = method
        shown.offset = rng.uniform(-0.08, 0.08, 2)
        shown.scale = rng.uniform(0.6, 0.8)
        shown.rotation = rng.uniform(-0.5, 0.5)
        image.display_aspect = (rng.uniform(1, 1.4), 1)
        shown.use_flip_x, shown.use_flip_y = bool(number % 2), bool(number % 3 == 0)
        bpy.context.view_layer.update()
        background = scene_room.background_of(camera, image)
        aspect = image.display_aspect[1] / image.display_aspect[0]
        view = scene_room.view_through(scene, camera, background, WIDTH, HEIGHT, aspect)
        depth = (3 + 0.01 * np.cos(u / 9)).astype(np.float32)
        seen = rgb[:: -1 if shown.use_flip_y else 1, :: -1 if shown.use_flip_x else 1]
        obj = scene_room.add_depth_result(
            scene, np.ascontiguousarray(seen), depth, depth, view.intrinsics, name="Result",
            matrix=scene_room.camera_matrix(scene, camera) @ Matrix.Rotation(view.roll, 4, "Z"),
        )  # fmt: skip
        obj.hide_viewport = True
        yield 0.2
        teller.screenshot("drawn")
        obj.hide_viewport, shown.show_background_image = False, False
        yield 0.2
        teller.screenshot("meshed")
        shown.show_background_image = True
        drawn, meshed = (centers(teller.folder / f"{name}.png") for name in ("drawn", "meshed"))
        assert len(drawn) >= 3, (fit, method, drawn)
        assert drawn.keys() == meshed.keys(), (fit, method, drawn, meshed)
        far = max(np.hypot(*np.subtract(drawn[color], meshed[color])) for color in drawn)
        found[f"{fit} {method}"] = float(far)
        bpy.data.objects.remove(obj)


def centers(path):
    """Where the dots are in a screenshot, pixels, those that are there as a whole."""
    image = bpy.data.images.load(str(path))
    width, height = image.size
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(height, width, image.channels)[..., :3]
    bpy.data.images.remove(image)
    found = {}
    for color in DOTS:
        weight = np.clip(1 - np.abs(pixels - np.array(color) / 255).max(axis=-1) / 0.4, 0, 1)
        if weight.sum() > 100:
            v, u = np.nonzero(weight)
            found[color] = np.average(u, weights=weight[v, u]), np.average(v, weights=weight[v, u])
    return found


Teller(Path(sys.argv[-1])).tell(story)
