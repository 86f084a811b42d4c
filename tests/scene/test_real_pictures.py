"""Measured pictures: the mesh of a measured depth map has the true size."""

import json
from pathlib import Path

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import add_depth_result, bake_result, camera_intrinsics, frame_scene
from sharpdepth_blender.scene.picture import image_values

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SAMPLES = sorted(path.parent for path in DATA.glob("*/depth.png"))
pytestmark = pytest.mark.skipif(not SAMPLES, reason="the measured pictures are not here")


def load(folder):
    """Picture, depth in meters, and the intrinsics as the folder states them."""
    meta = json.loads((folder / "meta.json").read_text())
    arrays = []
    for key in ("rgb", "depth"):
        image = bpy.data.images.load(str(folder / meta[key]))
        image.colorspace_settings.is_data = True
        arrays.append(image_values(image))
    rgb = np.round(arrays[0][..., :3] * 255).astype(np.uint8)
    raw = np.round(arrays[1][..., 0] * np.float64(65535))
    return rgb, (raw * meta["depth_scale_m"]).astype(np.float32), meta["intrinsics"]


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("scale_length", [1.0, 0.01])
def test_true_size(folder, scale_length, scene):
    rgb, depth, stated = load(folder)
    height, width = depth.shape
    intrinsics = Intrinsics(
        stated["fx"], stated["fy"], stated["cx"] + 0.5, stated["cy"] + 0.5, width, height
    )
    scene.unit_settings.scale_length = scale_length
    frame_scene(scene, intrinsics)
    obj = add_depth_result(scene, rgb, depth, depth, intrinsics, name=folder.name)
    bake_result(obj, max(width, height))
    bpy.context.view_layer.update()

    # Each vertex's sample, by Blender's own camera rather than by ours.
    mesh = obj.data
    assert len(mesh.vertices) > 0.5 * np.count_nonzero(depth)
    world = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", world)
    matrix = np.array(obj.matrix_world)
    world = world.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]
    seen = camera_intrinsics(scene, scene.camera)
    assert (seen.fx, seen.cx) == pytest.approx((intrinsics.fx, intrinsics.cx), rel=1e-5)
    view = (
        scene.camera.calc_matrix_camera(
            bpy.context.evaluated_depsgraph_get(),
            x=width,
            y=height,
            scale_x=scene.render.pixel_aspect_x,
            scale_y=scene.render.pixel_aspect_y,
        )
        @ scene.camera.matrix_world.inverted()
    )
    clip = np.c_[world, np.ones(len(world))] @ np.array(view).T
    column = (clip[:, 0] / clip[:, 3] + 1) / 2 * width - 0.5  # pixel centers at integers here
    row = (1 - clip[:, 1] / clip[:, 3]) / 2 * height - 0.5
    assert np.abs(column - np.round(column)).max() < 0.02
    assert np.abs(row - np.round(row)).max() < 0.02
    column, row = np.round(column).astype(int), np.round(row).astype(int)

    # Real distances between far-apart points, by the sensor's own formula.
    z = depth[row, column].astype(np.float64)
    true = np.stack(
        [(column - stated["cx"]) * z / stated["fx"], (row - stated["cy"]) * z / stated["fy"], z], -1
    )
    one, two = np.random.default_rng(0).integers(0, len(world), (2, 2000))
    expected = np.linalg.norm(true[one] - true[two], axis=1)
    far = expected > 0.05
    got = np.linalg.norm(world[one] - world[two], axis=1) * scale_length
    assert far.sum() > 1500
    assert np.abs(got / np.maximum(expected, 1e-9) - 1)[far].max() < 1e-4


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda path: path.name)
def test_a_real_surface_is_mostly_whole(folder, scene):
    """Tears follow outlines: they do not eat the measured surfaces."""
    rgb, depth, stated = load(folder)
    height, width = depth.shape
    intrinsics = Intrinsics(stated["fx"], stated["fy"], stated["cx"], stated["cy"], width, height)
    obj = add_depth_result(scene, rgb, depth, depth, intrinsics, name="Real")
    bake_result(obj, max(width, height))
    mesh = obj.data
    whole = depth > 0
    whole = whole[1:, 1:] & whole[1:, :-1] & whole[:-1, 1:] & whole[:-1, :-1]
    assert len(mesh.polygons) > 0.97 * whole.sum()
