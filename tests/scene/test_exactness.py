"""The mesh from Blender's own depth of a known scene lies on that scene's true surfaces."""

import importlib.util
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix

from sharpdepth_blender.geometry import project
from sharpdepth_blender.scene import add_depth_result, bake_result, camera_intrinsics
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import set_input

_spec = importlib.util.spec_from_file_location(
    "known_scene", Path(__file__).with_name("known_scene.py")
)
known = sys.modules["known_scene"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(known)

LANDSCAPE, PORTRAIT = (96, 72), (72, 96)
CASES = {
    "auto landscape": dict(size=LANDSCAPE, fit="AUTO"),
    "auto portrait": dict(size=PORTRAIT, fit="AUTO"),
    "auto square": dict(size=(80, 80), fit="AUTO"),
    "horizontal landscape": dict(size=LANDSCAPE, fit="HORIZONTAL"),
    "horizontal portrait": dict(size=PORTRAIT, fit="HORIZONTAL"),
    "vertical landscape": dict(size=LANDSCAPE, fit="VERTICAL"),
    "vertical portrait": dict(size=PORTRAIT, fit="VERTICAL"),
    "shift": dict(size=LANDSCAPE, fit="AUTO", shift=(0.13, -0.07)),
    "shift portrait": dict(size=PORTRAIT, fit="AUTO", shift=(-0.11, 0.21)),
    "shift horizontal portrait": dict(size=PORTRAIT, fit="HORIZONTAL", shift=(0.1, 0.08)),
    "shift vertical": dict(size=LANDSCAPE, fit="VERTICAL", shift=(0.2, -0.1)),
    "wide pixels": dict(size=LANDSCAPE, fit="AUTO", aspect=(2, 1)),
    "tall pixels": dict(size=LANDSCAPE, fit="AUTO", aspect=(1, 1.6)),
    "tall pixels vertical shift": dict(
        size=LANDSCAPE, fit="VERTICAL", aspect=(1, 1.6), shift=(0.1, 0.2)
    ),
    "wide pixels portrait shift": dict(size=PORTRAIT, fit="AUTO", aspect=(1.5, 1), shift=(0.1, 0)),
    "tall pixels horizontal shift": dict(
        size=PORTRAIT, fit="HORIZONTAL", aspect=(1, 1.2), shift=(-0.1, 0.1)
    ),
    "percentage": dict(size=(191, 145), percentage=50, fit="AUTO"),
    "percentage odd": dict(size=(301, 223), percentage=33, fit="VERTICAL", shift=(0.05, 0.1)),
    "scaled camera": dict(size=LANDSCAPE, fit="AUTO", scale=(2, 0.5, 3)),
    "mirrored camera": dict(size=LANDSCAPE, fit="AUTO", scale=(-1, 1, 1), shift=(0.1, 0)),
    "child of a scaled parent": dict(size=LANDSCAPE, fit="AUTO", parent=True),
    "centimeters": dict(size=LANDSCAPE, fit="AUTO", scale_length=0.01),
}


def set_up(
    scene,
    add_camera,
    size,
    fit,
    shift=(0, 0),
    aspect=(1, 1),
    percentage=100,
    scale=(1, 1, 1),
    parent=False,
    scale_length=1.0,
):
    known.build_scene(scene)
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = percentage
    scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = aspect
    scene.unit_settings.scale_length = scale_length
    camera = add_camera(
        lens=21,
        sensor_fit=fit,
        sensor_width=30,
        sensor_height=22,
        shift_x=shift[0],
        shift_y=shift[1],
        clip_end=5000,
        clip_start=0.01,
    )
    camera.matrix_world = Matrix.LocRotScale((0.2, -0.3, 0.1), Euler((1.45, 0.06, -0.04)), scale)
    if parent:
        holder = bpy.data.objects.new("Holder", None)
        scene.collection.objects.link(holder)
        holder.scale = (3, 3, 3)
        holder.location = (0.4, 0, 0.2)
        camera.parent = holder
    bpy.context.view_layer.update()
    return camera


@pytest.mark.parametrize("case", CASES)
def test_mesh_lies_on_the_true_surface(case, scene, add_camera, tmp_path, record_property):
    camera = set_up(scene, add_camera, **CASES[case])
    intrinsics = camera_intrinsics(scene, camera)
    units = known.render_z(scene, tmp_path / "z.exr")
    assert units.shape == (intrinsics.height, intrinsics.width)
    depth = units * scene.unit_settings.scale_length
    before = camera.matrix_world.copy()
    rgb = np.zeros((*depth.shape, 3), np.uint8)
    obj = add_depth_result(
        scene, rgb, depth, depth, intrinsics, name="Depth", matrix=before.normalized()
    )
    set_input(find_modifier(obj), "Tear Ratio", 1e9)
    bake_result(obj, max(depth.shape))
    bpy.context.view_layer.update()
    assert camera.matrix_world == before and scene.camera is camera

    vertices = np.empty(len(obj.data.vertices) * 3, np.float32)
    obj.data.vertices.foreach_get("co", vertices)
    vertices = vertices.reshape(-1, 3).astype(np.float64)
    assert len(vertices) == depth.size  # the scene fills the frame
    matrix = np.array(obj.matrix_world)
    world = vertices @ matrix[:3, :3].T + matrix[:3, 3]
    z = -vertices[:, 2]

    # Every vertex lies on a true surface ...
    off_surface = (known.distance(world) / z).max()
    # ... and where Blender's own ray through that pixel hits it, away from silhouettes (the
    # pixel filter's hundredth of a pixel may see the other side there) and from the horizon,
    # where it means meters along the ground.
    origin, rays = known.frame_rays(scene, camera, intrinsics.width, intrinsics.height)
    factor, thing = known.cast(origin, rays)
    truth = (origin + factor[..., None] * rays).reshape(-1, 3)
    inner = np.ones(thing.shape, bool)
    across, down = thing[:, 1:] != thing[:, :-1], thing[1:] != thing[:-1]
    inner[:, 1:] &= ~across
    inner[:, :-1] &= ~across
    inner[1:] &= ~down
    inner[:-1] &= ~down
    grazing = factor > 25 * factor.min()
    inner = (inner & ~grazing).ravel()
    assert inner.mean() > 0.5
    off_ray = (np.linalg.norm(world - truth, axis=1) / z)[inner].max()
    pixels = project(vertices, intrinsics)
    v, u = np.mgrid[: intrinsics.height, : intrinsics.width] + 0.5
    off_pixel = np.abs(pixels - np.stack([u, v], -1).reshape(-1, 2)).max()
    record_property("off_surface", float(off_surface))
    record_property("off_ray", float(off_ray))
    print(
        f"{case}: off surface {off_surface:.2e}, off ray {off_ray:.2e} of depth, "
        f"off pixel {off_pixel:.1e} px"
    )
    assert off_surface < 1e-3
    assert off_ray < 1e-3
    assert off_pixel < 1e-2
