"""Set Floor: the world is level afterwards, and the picture is still under its camera."""

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from sharpdepth_blender.geometry import Floor, Intrinsics
from sharpdepth_blender.scene import add_depth_result, bake_result, blank_scene
from sharpdepth_blender.scene.floor import FloorError, companions, leveled_pose, set_floor
from sharpdepth_blender.scene.layers import split_result

SIZE = (36, 48)
CAMERA = Intrinsics(50, 50, 24, 18, 48, 36)


@pytest.fixture
def scene():
    return blank_scene()


@pytest.fixture
def result(scene):
    """A result through a camera of its own, which stands somewhere and looks askew."""
    depth = np.linspace(2, 4, SIZE[0] * SIZE[1], dtype=np.float32).reshape(SIZE)
    obj = add_depth_result(scene, np.zeros((*SIZE, 3), np.uint8), depth, depth, CAMERA, name="a")
    place = Matrix.LocRotScale((3, -2, 5), Matrix.Rotation(0.3, 3, (1, 2, 3)), (1, 1, 1))
    obj.matrix_world = scene.camera.matrix_world = place
    bpy.context.view_layer.update()
    return obj


def on_plane(normal, distance, count=3, seed=0):
    """Points of a plane below the camera, in world space."""
    rng = np.random.default_rng(seed)
    normal = Vector(normal).normalized()
    one = normal.orthogonal()
    other = normal.cross(one)
    middle = Vector((3, -2, 5)) - distance * normal
    pairs = rng.uniform(-2, 2, (count, 2))
    return [middle + a * one + b * other for a, b in pairs.tolist()]


@pytest.mark.parametrize("normal", [(0, 0, 1), (0.3, -0.2, 1), (-1, 0.5, 0.3), (0.1, 0.2, -1)])
def test_the_floor_is_level_at_zero_and_the_camera_still_on_the_picture(scene, result, normal):
    points = on_plane(normal, 1.7)
    before = [result.matrix_world.inverted() @ point for point in points]
    turned = set_floor(scene, result, points)
    bpy.context.view_layer.update()
    assert set(turned) == {result, scene.camera}
    for point in before:
        assert (result.matrix_world @ point).z == pytest.approx(0, abs=1e-5)
    assert result.matrix_world.translation.z == pytest.approx(1.7, abs=1e-5)
    assert result.matrix_world.translation.xy.to_tuple() == pytest.approx((3, -2), abs=1e-5)
    np.testing.assert_allclose(result.matrix_world, scene.camera.matrix_world, atol=1e-5)
    scale = result.matrix_world.to_scale()
    assert tuple(scale) == pytest.approx((1, 1, 1), abs=1e-5)


def test_a_few_points_beside_the_floor_hardly_count(scene, result):
    points = on_plane((0.2, 0.1, 1), 1.5, count=200)
    for point in points[:20]:
        point.z += 0.5  # what stands on it
    inverse = result.matrix_world.inverted()
    floor = [inverse @ point for point in points[20:]]
    set_floor(scene, result, points)
    bpy.context.view_layer.update()
    heights = [(result.matrix_world @ point).z for point in floor]
    assert max(map(abs, heights)) < 0.01


def test_layers_and_baked_results_go_along(scene, result):
    layers = split_result(scene, result, count=2)
    bake_result(result)
    other = bpy.data.objects.new("Other", bpy.data.cameras.new("Other"))
    scene.collection.objects.link(other)
    bpy.context.view_layer.update()
    assert set(companions(scene, result)) == {result, scene.camera, layers}
    set_floor(scene, result, on_plane((0.3, 0, 1), 2))
    bpy.context.view_layer.update()
    np.testing.assert_allclose(layers.matrix_world, result.matrix_world, atol=1e-5)
    assert other.matrix_world == Matrix()


def test_what_hangs_on_the_camera_is_turned_once(scene, result):
    result.parent = scene.camera
    result.matrix_parent_inverse = scene.camera.matrix_world.inverted()
    bpy.context.view_layer.update()
    assert set_floor(scene, result, on_plane((0.3, 0, 1), 2)) == [scene.camera]
    bpy.context.view_layer.update()
    np.testing.assert_allclose(result.matrix_world, scene.camera.matrix_world, atol=1e-5)


def test_what_may_not_be_turned_is_said_and_nothing_turns(scene, result):
    before = result.matrix_world.copy()
    scene.camera.constraints.new("TRACK_TO")
    with pytest.raises(FloorError, match="constraint"):
        set_floor(scene, result, on_plane((0, 0, 1), 2))
    scene.camera.constraints.clear()
    scene.camera.keyframe_insert("location")
    with pytest.raises(FloorError, match="animation"):
        set_floor(scene, result, on_plane((0, 0, 1), 2))
    scene.camera.animation_data_clear()
    with pytest.raises(FloorError, match="on a line"):
        set_floor(scene, result, [(0, 0, 0), (1, 1, 1), (3, 3, 3)])
    assert result.matrix_world == before


@pytest.mark.parametrize("pitch, roll", [(0, 0), (-30, 0), (20, 10), (-5, -40)])
def test_a_leveled_pose(pitch, roll):
    turn = Matrix.Rotation(np.radians(roll), 3, "Z") @ Matrix.Rotation(np.radians(-pitch), 3, "X")
    up = turn @ Vector((0, 1, 0))  # in Blender's camera space
    pose = leveled_pose(Floor((up.x, -up.y, -up.z), 1.6, 0.5), 100.0)
    assert tuple(pose.translation) == pytest.approx((0, 0, 160))
    np.testing.assert_allclose(pose.to_3x3() @ up, (0, 0, 1), atol=1e-6)
    ahead = pose.to_3x3() @ Vector((0, 0, -1))
    assert ahead.x == pytest.approx(0, abs=1e-6) and ahead.y > 0
    assert np.degrees(np.arcsin(ahead.z)) == pytest.approx(pitch, abs=1e-4)
    assert pose.to_3x3().determinant() == pytest.approx(1)
