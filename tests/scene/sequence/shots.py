"""A shot of known geometry: numpy draws its pictures, from a camera that Blender animates."""

from pathlib import Path

import bpy
import numpy as np

from sharpdepth_blender.scene import read_depth_exr
from sharpdepth_blender.scene.picture import new_picture
from tests.scene.known_scene import cast, frame_rays

WIDTH, HEIGHT = 72, 54
FRAMES = 24


def draw(scene, camera, width=WIDTH, height=HEIGHT, seed=0, grain=2.0):
    """The picture that the camera takes now, (H, W, 3) uint8, and its exact z-depth."""
    origin, rays = frame_rays(scene, camera, width, height)
    depth, thing = cast(origin, rays)
    points = origin + depth[..., None] * rays
    shades = np.array([[90, 110, 60], [150, 120, 90], [120, 140, 170], [200, 80, 60],
                       [70, 90, 200], [210, 190, 80], [90, 160, 150]], float)  # fmt: skip
    checks = 0.75 + 0.25 * np.sign(np.sin(2.2 * np.where(np.isfinite(points), points, 0))).prod(-1)
    rgb = shades[thing] * checks[..., None]
    rgb += grain * np.random.default_rng(seed).standard_normal(rgb.shape)
    forwards = -np.array(camera.matrix_world.normalized())[:3, 2]
    depth = depth * (rays @ forwards)
    return np.clip(np.round(rgb), 0, 255).astype(np.uint8), depth.astype(np.float32)


def save_png(path, rgb):
    image = new_picture("drawn", rgb)
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)


def make_shot(folder, count=FRAMES, moves=True, zooms=False, start=1):
    """Write `plate.0001.png` and so on, and `shot.blend` whose camera has them as background."""
    folder = Path(folder)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.frame_start, scene.frame_end = start, start + count - 1
    data = bpy.data.cameras.new("Camera")
    camera = bpy.data.objects.new("Camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera
    camera.rotation_euler = (np.pi / 2, 0, 0)
    for number in range(start, start + count):
        way = number - start if moves else 0
        camera.location = (0.02 * way, 0.03 * way, 0.005 * way)
        camera.rotation_euler[2] = 0.006 * way
        camera.keyframe_insert("location", frame=number)
        camera.keyframe_insert("rotation_euler", frame=number)
        if zooms:
            data.lens = 35 + 0.5 * way
            data.keyframe_insert("lens", frame=number)
    for number in range(start, start + count):
        scene.frame_set(number)
        rgb, _ = draw(scene, camera, seed=number % 100)
        save_png(folder / f"plate.{number:04d}.png", rgb)
    image = bpy.data.images.load(str(folder / f"plate.{start:04d}.png"))
    image.source = "SEQUENCE"
    shown = data.background_images.new()
    shown.image = image
    shown.frame_method = "STRETCH"
    user = shown.image_user
    user.frame_start, user.frame_duration, user.frame_offset = start, count, start - 1
    data.show_background_images = True
    scene.frame_set(start)
    path = folder / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def files_of(folder):
    """Bytes of every file of a sequence, by its path."""
    folder = Path(folder)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def depths_of(folder, kind="depth"):
    return np.stack([read_depth_exr(path) for path in sorted(Path(folder).glob(f"{kind}.*.exr"))])
