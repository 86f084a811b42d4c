import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, project, stretch, surface_normals

SHOT = Intrinsics(300, 280, 110.5, 70.2, 211, 151)
PICTURE = Intrinsics(410, 400, 150, 160, 333, 301)


def plane_points(camera, normal, point):
    """Points of a plane that each pixel of a camera sees, in its own space."""
    v, u = np.mgrid[: camera.height, : camera.width] + 0.5
    rays = np.stack(
        [(u - camera.cx) / camera.fx, -(v - camera.cy) / camera.fy, -np.ones_like(u)], -1
    )
    factor = np.dot(normal, point) / (rays @ np.asarray(normal, float))
    return rays * factor[..., None]


def moved(angles=(0.0, 0.0, 0.0), offset=(0.0, 0.0, 0.0)):
    a, b, c = angles
    x = [[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]]
    y = [[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]]
    z = [[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]]
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(x) @ np.array(y) @ np.array(z)
    matrix[:3, 3] = offset
    return matrix


def test_a_camera_that_did_not_move_stretches_nothing():
    points = plane_points(SHOT, (0.3, -0.2, 1), (0, 0, -5))
    found = stretch(points, surface_normals(points), SHOT, SHOT, np.eye(4))
    np.testing.assert_allclose(found, 1, rtol=1e-9)


def test_a_turn_and_a_zoom():
    # About its own center: in the middle of the picture the pixels keep their shape.
    shot = Intrinsics(600, 600, 50, 40, 100, 80)
    picture = Intrinsics(200, 200, 50, 40, 100, 80)
    points = plane_points(shot, (0, 0, 1), (0, 0, -3))
    found = stretch(points, surface_normals(points), shot, picture, np.eye(4))
    np.testing.assert_allclose(found, 3, rtol=1e-9)


@pytest.mark.parametrize("angle", [0.2, 0.9, 1.4])
def test_a_grazing_plane_is_drawn_out_by_a_known_factor(angle):
    """The picture sees the plane at an angle, the shot from straight in front at equal distance."""
    camera = Intrinsics(1000, 1000, 2, 2, 4, 4)
    points = np.zeros((1, 1, 3))
    points[..., 2] = -7
    across = moved((0, angle, 0))  # about the point: to its center, turn, and back
    there, back = moved(offset=(0, 0, 7)), moved(offset=(0, 0, -7))
    found = stretch(points, np.array([0.0, 0, 1]), camera, camera, back @ across @ there)
    assert found == pytest.approx(1 / np.cos(angle))


def test_against_finite_differences():
    normal, point = np.array([0.4, 0.7, 0.9]), np.array([0.3, -0.2, -4])
    matrix = moved((0.1, -0.3, 0.2), (0.4, 0.3, -0.2))
    points = plane_points(SHOT, normal, point)
    found = stretch(points, surface_normals(points), SHOT, PICTURE, matrix)
    step = 1e-4
    columns = []
    for right, down in ((step, 0), (0, step)):
        beside = Intrinsics(SHOT.fx, SHOT.fy, SHOT.cx - right, SHOT.cy - down, 211, 151)
        places = [
            project(p @ matrix[:3, :3].T + matrix[:3, 3], PICTURE)
            for p in (plane_points(beside, normal, point), points)
        ]
        columns.append((places[0] - places[1]) / step)
    inverse = np.linalg.inv(np.stack(columns, -1))
    expected = np.linalg.svd(inverse, compute_uv=False)[..., 0]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_what_cannot_be_told():
    behind = moved((0, np.pi, 0))
    points = plane_points(SHOT, (0, 0, 1), (0, 0, -5))
    normals = surface_normals(points)
    assert np.isnan(stretch(points, normals, SHOT, PICTURE, behind)).all()
    edge = moved(offset=(0, 0, 5))  # in the plane itself
    at_edge = stretch(points, normals, SHOT, PICTURE, edge)
    assert (np.isnan(at_edge) | np.isinf(at_edge)).all()
    side = np.broadcast_to([1.0, 0, 0], points.shape)  # a plane through the shot's own ray
    assert stretch(points, side, SHOT, SHOT, np.eye(4)).shape == points.shape[:2]
    lone = np.full((1, 1, 3), -1.0)
    assert np.isnan(surface_normals(lone)).all()
    assert surface_normals(np.empty((0, 0, 3))).shape == (0, 0, 3)


def test_normals_bridge_no_edge():
    near = plane_points(SHOT, (0.2, 0.1, 1), (0, 0, -3))
    far = plane_points(SHOT, (-0.5, 0.3, 1), (0, 0, -9))
    points = far.copy()
    points[40:90, 60:130] = near[40:90, 60:130]
    points[100:120, 20:50] = np.nan
    normals = surface_normals(points)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    expected = np.broadcast_to(np.array([-0.5, 0.3, 1]), points.shape).copy()
    expected[40:90, 60:130] = (0.2, 0.1, 1)
    expected /= np.linalg.norm(expected, axis=-1, keepdims=True)
    seen = np.isfinite(points[..., 0])
    aligned = np.abs((normals * expected).sum(-1))[seen]
    np.testing.assert_allclose(aligned, 1, atol=1e-9)
    assert np.isnan(normals[~seen]).all()
