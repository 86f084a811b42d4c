import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, project, unproject
from sharpdepth_blender.geometry.decimation import decimate
from sharpdepth_blender.geometry.panorama import directions_of, panorama_lens, panorama_surface
from sharpdepth_blender.geometry.sight import LensSight, PanoramaSight
from tests.geometry.test_panorama import box_length


def hills(width, height, seed=0):
    """A bumpy floor before a wall, and a ball: depth and camera."""
    camera = Intrinsics(0.9 * width, 0.9 * width, 0.45 * width, 0.5 * height, width, height)
    v, u = np.indices((height, width)) + 0.5
    z = np.minimum(6, 1.2 * camera.fy / np.maximum(v - camera.cy, 1))
    z = z + 0.02 * np.sin(u / 3) * np.cos(v / 5)
    ball = (u - 0.4 * width) ** 2 + (v - 0.5 * height) ** 2 < (0.2 * height) ** 2
    z = np.where(ball, 2.5, z) + np.random.default_rng(seed).normal(0, 2e-4, z.shape)
    return z.astype(np.float32), camera


def grid(depth, camera):
    height, width = depth.shape
    u, v = (np.arange(width) + 0.5) / width, 1 - (np.arange(height) + 0.5) / height
    places = np.stack(np.broadcast_arrays(u, v[:, None]), -1).astype(np.float32)
    return unproject(depth, camera), places, np.ones((height - 1, width - 1), bool)


def at(found, places):
    """Points of the triangles at places in the picture, by trying each; NaN beside them all."""
    points = np.full((len(places), 3), np.nan)
    corners = found.uvs.astype(np.float64)[found.triangles]
    for (a, b, c), triangle in zip(corners, found.triangles, strict=True):
        edges = np.stack([b - a, c - a], 1)
        if abs(np.linalg.det(edges)) < 1e-12:
            continue
        weights = np.linalg.solve(edges, (places - a).T)
        first = 1 - weights.sum(0)
        inside = (np.vstack([weights, first]) > -1e-6).all(0)
        own = found.points.astype(np.float64)[triangle]
        points[inside] = np.stack([first, *weights], 1)[inside] @ own
    return points


def off(points, wanted, camera, move):
    """Pixels by which points are seen elsewhere than those wanted, from four places at most."""
    nearest = -wanted[:, 2].max()
    most = np.zeros(len(points))
    for place in ((0, 0, 0), (move, 0, 0), (0, move, 0), (0, 0, -min(move, nearest / 2))):
        apart = project(points - place, camera) - project(wanted - place, camera)
        most = np.maximum(most, np.hypot(*apart.T))
    return most


@pytest.mark.parametrize("size", [(96, 70), (31, 47), (65, 65), (129, 65)])
def test_the_stated_error_is_true_and_within_bounds(size):
    depth, camera = hills(*size)
    points, places, shown = grid(depth, camera)
    for faces in (None, 300):
        found = decimate(points, places, shown, LensSight(camera), 0.3, faces=faces)
        error = off(at(found, places.reshape(-1, 2)), points.reshape(-1, 3), camera, 0.3)
        assert found.worst == pytest.approx(error.max(), rel=0.05)
        assert found.mean == pytest.approx(error.mean(), rel=0.1)
        if faces is None:
            assert 0.1 < found.worst <= 0.25 and len(found.triangles) < 1.8 * shown.size
        else:
            assert 200 < len(found.triangles) <= 300 and found.worst > 1


def test_a_wall_needs_few_triangles_and_detail_more_where_it_is():
    camera = Intrinsics(120, 120, 64, 64, 129, 129)
    wall = np.full((129, 129), 4, np.float32)
    points, places, shown = grid(wall, camera)
    assert len(decimate(points, places, shown, LensSight(camera), 1).triangles) == 8
    wall[20:30, 20:30] = 3.9
    points, *_ = grid(wall, camera)
    found = decimate(points, places, shown, LensSight(camera), 1)
    corner = (found.uvs[:, 0] < 0.5) & (found.uvs[:, 1] > 0.5)
    assert corner.sum() > 40 and (~corner).sum() < 30


def test_a_floor_is_finer_where_it_is_seen_from_the_side():
    """Between the corners of a triangle a picture is linear in space, not as it was seen."""
    camera = Intrinsics(120, 120, 64, 10, 129, 129)
    v = np.arange(129)[:, None] + 0.5
    floor = np.broadcast_to(120 * 1.5 / np.maximum(v - 10, 2), (129, 129)).astype(np.float32)
    points, places, shown = grid(floor, camera)
    shown[:14] = False
    found = decimate(points, places, shown, LensSight(camera), 0.0)
    error = off(
        at(found, places[20::3, ::3].reshape(-1, 2)), points[20::3, ::3].reshape(-1, 3), camera, 0
    )
    assert 0.05 < error.max() <= 0.25 and len(found.triangles) > 100


def test_there_are_no_cracks_and_all_face_the_camera():
    depth, camera = hills(96, 70)
    points, places, shown = grid(depth, camera)
    found = decimate(points, places, shown, LensSight(camera), 0.3)
    edges = np.sort(found.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1)
    single, count = np.unique(edges, axis=0, return_counts=True)
    assert count.max() == 2
    ends = found.uvs[single[count == 1]]
    low, high = places[-1, 0], places[0, -1]
    on_border = ((ends == (low[0], low[1])) | (ends == (high[0], high[1]))).all(1).any(1)
    assert on_border.all() and len(ends) > 20
    a, b, c = (found.uvs[found.triangles[:, n]] for n in range(3))
    turn = np.cross(b - a, c - a)
    assert (turn > -1e-9).all()
    assert turn.sum() / 2 == pytest.approx(np.prod(high - low), rel=1e-5)


def test_tears_stay_where_they_are_and_alpha_is_overlapped():
    depth, camera = hills(90, 60)
    points, places, shown = grid(depth, camera)
    v, u = np.indices(shown.shape)
    shown = (u - 40) ** 2 + (v - 30) ** 2 < 22**2
    torn = decimate(points, places, shown, LensSight(camera), 0.1)
    a, b, c = (torn.uvs[torn.triangles[:, n]] * (90, 60) for n in range(3))
    assert np.abs(np.cross(b - a, c - a)).sum() / 2 == pytest.approx(shown.sum(), rel=1e-4)
    middle = np.argwhere(shown)[:, ::-1] + 1.0
    where = middle / (90, 60) * (1, -1) + (0, 1)
    beside = np.argwhere(~shown)[:, ::-1] + 1.0
    beside = beside / (90, 60) * (1, -1) + (0, 1)
    assert np.isfinite(at(torn, where)).all() and np.isnan(at(torn, beside)).all()
    covered = decimate(points, places, shown, LensSight(camera), 0.1, has_alpha=True)
    assert np.isfinite(at(covered, where)).all()
    assert len(covered.triangles) < 0.8 * len(torn.triangles) and covered.worst <= 0.25
    blunt = decimate(points, places, shown, LensSight(camera), 0.1, faces=30)
    assert len(blunt.triangles) <= 30 and blunt.worst >= 4  # pixels that its border has moved
    few = decimate(points, places, shown, LensSight(camera), 0.1, has_alpha=True, faces=20)
    assert len(few.triangles) <= 20


def around(width, height):
    """A room with a ball in it, closed all around: the grid of a panorama, and its sight."""
    length = box_length(directions_of(width, height) + np.float32(1e-5))  # none is along a wall
    away = directions_of(width, height) @ np.array([0.6, 0.0, -0.8])
    length[away > 0.93] = 1.5
    length *= 1 + 0.003 * np.sin(np.arange(width) * 2 * np.pi / width * 9).astype(np.float32)
    surface = panorama_surface(length, np.inf)
    grid = surface.vertices.reshape(height + 2, width + 2, 3)
    places = surface.uvs.reshape(height + 2, width + 2, 2)
    whole = np.ones((height + 1, width + 1), bool)
    return grid, places, whole, PanoramaSight(panorama_lens(width, height))


def turned(points, wanted, width, move):
    """Pixels of the middle row by the angle between points and those wanted, from four places."""
    nearest = np.linalg.norm(wanted, axis=-1).min()
    most = np.zeros(len(points))
    for place in ((0, 0, 0), (move, 0, 0), (0, move, 0), (0, 0, -min(move, nearest / 2))):
        one, other = points - place, wanted - place
        sine = np.linalg.norm(np.cross(one, other), axis=-1)
        angle = np.arctan2(sine, (one * other).sum(-1))
        most = np.maximum(most, angle * width / (2 * np.pi))
    return most


@pytest.mark.parametrize(("size", "faces"), [((96, 48), None), ((65, 33), None), ((96, 48), 900)])
def test_a_panorama_stays_closed_and_within_bounds(size, faces):
    points, places, shown, sight = around(*size)
    found = decimate(points, places, shown, sight, 0.2, faces=faces)
    error = turned(
        at(found, places.reshape(-1, 2)), points.reshape(-1, 3).astype(float), size[0], 0.2
    )
    assert found.worst == pytest.approx(error.max(), rel=0.05, abs=0.01)
    assert found.mean == pytest.approx(error.mean(), rel=0.1)
    if faces is None:
        assert 0.1 < found.worst <= 0.25 and len(found.triangles) < 1.6 * shown.size
    else:
        assert 400 < len(found.triangles) <= faces and found.worst > 0.25
    edges = np.sort(found.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1)
    single, count = np.unique(edges, axis=0, return_counts=True)
    assert count.max() == 2
    u, v = found.uvs.T
    left, right = (
        {tuple(sorted(v[edge])) for edge in single[count == 1] if (u[edge] == side).all()}
        for side in (0, 1)
    )
    assert left == right and len(left) > 4
    poles = {0, 1}
    other = [edge for edge in single[count == 1] if len({*u[edge]}) == 2]
    assert {*v[np.array(other)].ravel()} == poles


@pytest.mark.parametrize("size", [(2, 2), (3, 2), (2, 130)])
def test_the_smallest(size):
    depth, camera = hills(*size)
    points, places, shown = grid(depth, camera)
    found = decimate(points, places, shown, LensSight(camera), 0.1)
    error = off(at(found, places.reshape(-1, 2)), points.reshape(-1, 3), camera, 0.1)
    assert error.max() < 0.3


def test_what_makes_no_sense():
    depth, camera = hills(20, 10)
    points, places, shown = grid(depth, camera)
    with pytest.raises(ValueError, match="samples"):
        decimate(points[1:], places, shown, LensSight(camera), 0.1)
    with pytest.raises(ValueError, match="something"):
        decimate(points, places, shown & False, LensSight(camera), 0.1)
