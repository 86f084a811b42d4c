"""The live surface has exactly the quads that the tear rule in numpy leaves."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.sampling import sample_counts, sample_positions
from sharpdepth_blender.geometry.tears import torn_quads
from sharpdepth_blender.scene import add_depth_result
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import set_input


def random_depth(rng, height, width):
    """(height, width) float32: a steep ground, boxes before it, noise, wrong samples, holes."""
    shape = height, width
    below = np.arange(height)[:, None] + rng.uniform(0.2, 3)
    depth = np.repeat(rng.uniform(5, 80) / below, width, 1)
    for _ in range(rng.integers(0, 8)):
        top, left = rng.integers(shape)
        tall, wide = rng.integers(1, max(shape), 2)
        depth[top : top + tall, left : left + wide] = rng.uniform(0.5, 8)
    depth *= 1 + rng.choice([0, 0.005, 0.02, 0.06]) * rng.standard_normal(shape)
    wrong = rng.random(shape) < rng.choice([0, 0.01, 0.1])
    depth[wrong] *= rng.uniform(0.3, 3, wrong.sum())
    depth[rng.random(shape) < rng.choice([0, 0.01, 0.1])] = 0
    return depth.astype(np.float32)


def live_quads(obj, width, height, columns, rows):
    """(h - 1, w - 1) int: how many quads the evaluated surface has at each place of its grid."""
    mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    count = np.zeros((len(rows) - 1, len(columns) - 1), int)
    if len(mesh.polygons):
        uvs = np.empty(len(mesh.loops) * 2, np.float32)
        mesh.uv_layers["UVMap"].uv.foreach_get("vector", uvs)
        u, v = np.moveaxis(uvs.reshape(-1, 4, 2), 2, 0)
        left = np.searchsorted(columns, np.floor(u.min(1) * width))
        top = np.searchsorted(rows, np.floor((1 - v.max(1)) * height))
        np.add.at(count, (top, left), 1)
    return count


@pytest.mark.parametrize("tear_ratio", [1.02, 1.1, 1.5, 1e9])
@pytest.mark.parametrize("seed", range(12))
def test_live_surface_has_the_quads_of_the_rule(seed, tear_ratio, scene):
    rng = np.random.default_rng(seed)
    height, width = (int(n) for n in rng.integers(2, (12, 90)[seed % 3 > 0], 2))
    depth = random_depth(rng, height, width)
    rgb = np.zeros((height, width, 3), np.uint8)
    camera = Intrinsics.from_fov(60, width, height)
    obj = add_depth_result(scene, rgb, depth, depth, camera, name="Plate")
    modifier = find_modifier(obj)
    set_input(modifier, "Tear Ratio", tear_ratio)
    for resolution in (max(width, height), max(2, max(width, height) * 2 // 3)):
        set_input(modifier, "Resolution", resolution)
        bpy.context.view_layer.update()
        counts = sample_counts(width, height, resolution)
        columns, rows = (
            sample_positions(*each) for each in zip((width, height), counts, strict=True)
        )
        whole = ~torn_quads(depth[np.ix_(rows, columns)], columns, rows, tear_ratio)
        shown = live_quads(obj, width, height, columns, rows)
        np.testing.assert_array_equal(shown, whole)
