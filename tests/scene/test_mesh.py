import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, build_surface
from sharpdepth_blender.scene.mesh import mesh_from_surface


def depth_of(shape, seed):
    """Steps and holes by seed: none, a few, so many that only crumbs are left, everything."""
    rng = np.random.default_rng(seed)
    depth = np.full(shape, 3.0, np.float32)
    for _ in range(seed):
        row, column = (rng.integers(0, side + 1, 2) for side in shape)
        depth[min(row) : max(row), min(column) : max(column)] *= rng.choice([0.5, 2.0])
    depth[rng.random(shape) < (0, 0, 0.01, 0.1, 0.4, 0.7, 1)[seed]] = 0
    return depth


def surface_of(shape, seed):
    height, width = shape
    intrinsics = Intrinsics(40, 40, width / 2, height / 2, width, height)
    return build_surface(depth_of(shape, seed), intrinsics, keep_loose=False)


def values(mesh, attribute, each):
    data = mesh.attributes[attribute].data
    found = np.empty(len(data) * each, np.int32)
    data.foreach_get("value", found)
    return found.reshape(-1, each)


SHAPES = [(1, 1), (1, 9), (2, 2), (2, 31), (31, 2), (3, 3), (24, 16), (37, 40)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("seed", range(7))
@pytest.mark.parametrize("smooth", [True, False])
def test_blender_finds_nothing_to_mend(shape, seed, smooth, scene):
    surface = surface_of(shape, seed)
    mesh = mesh_from_surface("a", surface, smooth)
    if not len(surface.quads):
        assert not len(mesh.vertices) and not len(mesh.edges) and not mesh.validate(verbose=True)
        return
    edges = values(mesh, ".edge_verts", 2)
    of_corners = values(mesh, ".corner_edge", 1)[:, 0]
    assert not mesh.validate(verbose=True)
    assert len(mesh.polygons) == len(surface.quads) == surface.whole.sum()
    assert all(polygon.use_smooth == smooth for polygon in mesh.polygons)

    # The edges that Blender finds by itself are the same, in another order.
    corners = values(mesh, ".corner_vert", 1)[:, 0]
    other = bpy.data.meshes.new("b")
    quads = corners.reshape(-1, 4)
    other.from_pydata([each.co for each in mesh.vertices], [], quads.tolist())
    np.testing.assert_array_equal(np.unique(edges, axis=0), edges[np.lexsort(edges.T[::-1])])
    assert {*map(tuple, edges.tolist())} == {*map(tuple, values(other, ".edge_verts", 2).tolist())}
    following = np.roll(quads, -1, axis=1).ravel()
    ends = np.stack([corners, following], -1)
    np.testing.assert_array_equal(edges[of_corners], np.sort(ends))
    np.testing.assert_array_equal(edges, np.sort(edges))


def test_it_can_be_edited_and_saved_like_any_mesh(scene, tmp_path):
    mesh = mesh_from_surface("a", surface_of((17, 23), 3))
    obj = bpy.data.objects.new("a", mesh)
    scene.collection.objects.link(obj)
    counts = [len(each) for each in (mesh.vertices, mesh.edges, mesh.polygons, mesh.loops)]
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.object.mode_set(mode="OBJECT")
    assert [len(each) for each in (mesh.vertices, mesh.edges, mesh.polygons, mesh.loops)] == counts
    before = {*map(tuple, values(mesh, ".edge_verts", 2).tolist())}
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    mesh = bpy.data.objects["a"].data
    assert {*map(tuple, values(mesh, ".edge_verts", 2).tolist())} == before
    assert not mesh.validate()
