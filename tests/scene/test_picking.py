from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Matrix, Vector

from sharpdepth_blender.scene.picking import point_under
from sharpdepth_blender.scene.points import add_point_modifier

REGION = SimpleNamespace(width=800, height=600)
PLACE = Matrix.LocRotScale((3, -2, 5), Matrix.Rotation(0.8, 3, (1, 2, 3)), (1, 1.2, 1))


def view_of(matrix, perspective):
    """What a RegionView3D says of a view from a place along its -z."""
    near, far = 0.1, 100.0
    if perspective:
        window = Matrix(
            (
                (1, 0, 0, 0),
                (0, 4 / 3, 0, 0),
                (0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)),
                (0, 0, -1, 0),
            )
        )
    else:
        window = Matrix.Diagonal((1 / 4, 1 / 3, -1 / far, 1))
    view = matrix.inverted()
    return SimpleNamespace(
        is_perspective=perspective,
        view_perspective="PERSP" if perspective else "ORTHO",
        view_matrix=view,
        window_matrix=window,
        perspective_matrix=window @ view,
    )


@pytest.fixture
def result(scene):
    """A sheet of 21 by 21 vertices with a step in depth, and another one behind it."""
    x, y = np.meshgrid(np.linspace(-2, 2, 21), np.linspace(-1.5, 1.5, 21))
    front = np.stack([x, y, np.where(x > 0, -6.0, -4.0)], -1).reshape(-1, 3)
    corners = np.arange(21 * 21).reshape(21, 21)
    quads = np.stack(
        [corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], -1
    ).reshape(-1, 4)
    vertices = np.concatenate([front, front - (0, 0, 3)])
    mesh = bpy.data.meshes.new("Result")
    mesh.from_pydata(vertices.tolist(), [], np.concatenate([quads, quads + 441]).tolist())
    obj = bpy.data.objects.new("Result", mesh)
    scene.collection.objects.link(obj)
    obj.matrix_world = PLACE
    return obj


@pytest.mark.parametrize("perspective", [True, False])
@pytest.mark.parametrize("points", [False, True])
@pytest.mark.parametrize("index", [30, 44, 110, 216, 402])
def test_what_lies_under_the_mouse_is_found(perspective, points, index, result):
    if points:
        add_point_modifier(result, None, focal=10.0, radius=0.5)
    view = view_of(PLACE.normalized(), perspective)
    place = PLACE @ result.data.vertices[index].co
    mouse = location_3d_to_region_2d(REGION, view, place)
    found = point_under(bpy.context.evaluated_depsgraph_get(), result, REGION, view, mouse)
    assert (found - place).length < 0.01  # a third of a pixel


@pytest.mark.parametrize("perspective", [True, False])
@pytest.mark.parametrize("points", [False, True])
def test_beside_the_result_and_behind_the_view_there_is_nothing(perspective, points, result):
    if points:
        add_point_modifier(result, None, focal=10.0, radius=0.5)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    view = view_of(PLACE.normalized(), perspective)
    assert point_under(depsgraph, result, REGION, view, (2, 2)) is None
    away = view_of(PLACE.normalized() @ Matrix.Rotation(np.pi, 4, "Y"), True)
    assert point_under(depsgraph, result, REGION, away, (400, 300)) is None


def test_points_within_reach_of_the_mouse_are_found(result):
    add_point_modifier(result, None, focal=10.0, radius=0.5)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    view = view_of(PLACE.normalized(), True)
    place = PLACE @ result.data.vertices[0].co  # a corner, nearest to the view's own
    mouse = location_3d_to_region_2d(REGION, view, place)
    near, far = mouse - Vector((11, 0)), mouse - Vector((13, 0))
    assert (point_under(depsgraph, result, REGION, view, near) - place).length < 1e-4
    assert point_under(depsgraph, result, REGION, view, far) is None
