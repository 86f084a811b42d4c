"""The part of a plane that a frame shows."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, project
from sharpdepth_blender.geometry.planes import Plane, frame_polygon

K = Intrinsics(400.0, 380.0, 210.0, 140.0, 431, 301)


def test_a_wall_fills_the_frame_with_four_corners_on_it():
    plane = Plane(0.05, -0.02, 0.2)
    corners = frame_polygon(plane, K, 0.1, 1000)
    assert corners.shape == (4, 3)
    np.testing.assert_allclose((corners * (1, -1, -1)) @ plane.vector, 1, rtol=1e-12)
    np.testing.assert_allclose(
        project(corners, K), [(0, 301), (431, 301), (431, 0), (0, 0)], atol=1e-9
    )


def test_a_floor_ends_before_its_horizon_and_before_the_camera():
    plane = Plane(0.0, 1 / 1.5, 0.0)  # 1.5 m below, horizon at row 140
    corners = frame_polygon(plane, K, 2.0, 80.0)
    z = -corners[:, 2]
    assert z.min() == pytest.approx(80.0) or z.min() >= 2.0 - 1e-9
    assert z.max() <= 80.0 + 1e-9
    np.testing.assert_allclose(corners[:, 1], -1.5)
    rows = project(corners, K)[:, 1]
    assert rows.min() == pytest.approx(140 + 380 * 1.5 / 80)
    near = frame_polygon(plane, K, 4.0, 80.0)
    assert -near[:, 2].max() == pytest.approx(4.0)


def test_a_plane_behind_the_camera_shows_nothing():
    assert frame_polygon(Plane(0.0, 0.0, -0.2), K, 0.1, 100).shape == (0, 3)


def test_corners_go_anticlockwise():
    for plane in (Plane(0.05, -0.02, 0.2), Plane(0.3, 1 / 1.5, 0.0), Plane(-0.6, 0.1, 0.05)):
        u, v = project(frame_polygon(plane, K, 1.0, 50), K).T
        area = (u * np.roll(v, -1) - v * np.roll(u, -1)).sum() / 2
        assert area < 0  # rows go down
