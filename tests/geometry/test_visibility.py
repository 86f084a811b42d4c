import numpy as np

from sharpdepth_blender.geometry import Intrinsics, visible_from

CAMERA = Intrinsics(100, 110, 30, 26, 64, 48)
WALL = np.array([1.5, 0.2, 1])  # seen at a grazing angle


def points_of(normal, point):
    v, u = np.mgrid[: CAMERA.height, : CAMERA.width] + 0.5
    rays = np.stack(
        [(u - CAMERA.cx) / CAMERA.fx, -(v - CAMERA.cy) / CAMERA.fy, -np.ones_like(u)], -1
    )
    return rays * (np.dot(normal, point) / (rays @ np.asarray(normal, float)))[..., None]


def test_a_card_hides_the_wall_behind_it():
    wall = points_of(WALL, (0, 0, -6))
    depth = (-wall[..., 2]).astype(np.float32)
    depth[10:30, 20:40] = 2.0  # a card
    depth[40:] = 0  # nothing
    seen = visible_from(wall, np.broadcast_to(WALL, wall.shape), depth, CAMERA)
    shown = np.ones((48, 64), bool)
    shown[10:30, 20:40] = False
    assert seen[shown].all()
    # Between pixel centers, within a pixel of the edge, the wall has the benefit of the doubt.
    assert not seen[11:29, 21:39].any()
    card = wall * (2.0 / -wall[..., 2:])
    assert visible_from(card, np.full(card.shape, np.nan), depth, CAMERA)[10:30, 20:40].all()


def test_a_grazing_surface_does_not_hide_itself_between_its_pixels():
    wall = points_of(WALL, (0, 0, -6))
    depth = (-wall[..., 2]).astype(np.float32)
    between = (wall[:-1, :-1] + wall[1:, 1:]) / 2
    normals = np.broadcast_to(WALL, between.shape)
    assert visible_from(between, normals, depth, CAMERA).all()
    behind = between - 0.1 * WALL
    assert not visible_from(behind, normals, depth, CAMERA)[1:-1, 1:-1].any()


def test_outside_behind_and_unknown():
    depth = np.full((48, 64), 5, np.float32)
    points = np.array([[10.0, 0, -5], [0, 0, 5], [0, 0, 0], [np.nan] * 3])
    assert not visible_from(points, np.full((4, 3), np.nan), depth, CAMERA).any()
    none = np.empty((0, 3))
    assert visible_from(none, none, depth, CAMERA).shape == (0,)


def test_nothing_hides_where_nothing_is():
    points = points_of((0, 0, 1), (0, 0, -2))
    assert visible_from(points, np.full(points.shape, np.nan), np.zeros((48, 64)), CAMERA).all()
