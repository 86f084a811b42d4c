"""The live surface has exactly the quads that the tear rule in numpy leaves."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.sampling import sample_counts, sample_positions
from sharpdepth_blender.geometry.tears import torn_quads
from sharpdepth_blender.scene import add_depth_result, bake_result, live
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


def live_quads(mesh, size, columns, rows):
    """(h - 1, w - 1) int: how many quads a live surface has at each place of its grid."""
    count = np.zeros((len(rows) - 1, len(columns) - 1), int)
    if len(mesh.polygons):
        uvs = np.empty(len(mesh.loops) * 2, np.float32)
        mesh.uv_layers["UVMap"].uv.foreach_get("vector", uvs)
        u, v = np.moveaxis(uvs.reshape(-1, 4, 2), 2, 0)
        left = np.searchsorted(columns, np.floor(u.min(axis=1) * size[0]))
        top = np.searchsorted(rows, np.floor((1 - v.max(axis=1)) * size[1]))
        np.add.at(count, (top, left), 1)
    return count


@pytest.mark.parametrize("seed", range(24))
def test_live_surface_has_the_quads_of_the_rule(seed, scene):
    rng = np.random.default_rng(seed)
    size = width, height = [int(n) for n in rng.integers(2, (12, 90)[seed % 3 > 0], 2)]
    depth = random_depth(rng, height, width)
    rgb = np.zeros((height, width, 3), np.uint8)
    obj = add_depth_result(scene, rgb, depth, depth, Intrinsics.from_fov(60, *size), name="Plate")
    modifier = find_modifier(obj)
    for resolution in (max(size), max(2, max(size) * 2 // 3)):
        set_input(modifier, "Resolution", resolution)
        counts = sample_counts(*size, resolution)
        columns, rows = (sample_positions(*each) for each in zip(size, counts, strict=True))
        sampled = depth[np.ix_(rows, columns)]
        for tear_ratio in (1.02, 1.1, 1.5, 1e9):
            set_input(modifier, "Tear Ratio", tear_ratio)
            bpy.context.view_layer.update()
            mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
            whole = ~torn_quads(sampled, columns, rows, tear_ratio)
            np.testing.assert_array_equal(live_quads(mesh, size, columns, rows), whole)
            used = np.pad(whole, 1)
            used = used[1:, 1:] | used[1:, :-1] | used[:-1, 1:] | used[:-1, :-1]
            assert len(mesh.vertices) == used.sum()


def test_a_result_of_an_older_version_keeps_its_nodes(scene, tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    depth = random_depth(rng, 40, 50)
    given = np.zeros((40, 50, 3), np.uint8), depth, depth, Intrinsics.from_fov(60, 50, 40)
    with monkeypatch.context() as older:
        older.setattr(live, "_VERSION", live._VERSION - 1)
        add_depth_result(scene, *given, name="Older")
    path = str(tmp_path / "older.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    older = bpy.data.objects["Older depth mesh"]
    newer = add_depth_result(bpy.context.scene, *given, name="Newer")
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert all(len(obj.evaluated_get(depsgraph).data.polygons) > 100 for obj in (older, newer))
    groups = [find_modifier(obj).node_group for obj in (older, newer)]
    assert groups[0] != groups[1]
    for obj in (older, newer):
        bake_result(obj)
    assert len(older.data.polygons) == len(newer.data.polygons)
    assert not bpy.data.node_groups
