"""Seen: pixels of a layer under those of a frame, where both are known by formula."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.layers.seen import mark_seen, measured_pixels, places_in_layer

LAYER = Intrinsics(90.0, 100.0, 71.5, 48.25, 133, 101)
FRAME = Intrinsics(75.0, 80.0, 60.0, 45.0, 121, 83)


def moved(x, y, z):
    """From the space of a camera that went right, up and back, to that of the layer."""
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


def test_places_are_where_the_layers_camera_sees_the_points():
    depth = np.full((83, 121), 3.0, np.float32)
    depth[10, 20], depth[40, 50] = 0, 0.5
    u, v = places_in_layer(depth, FRAME, moved(0.4, -0.3, -1.0), LAYER)
    x, y = (20.5 - 60) / 75 * 3 + 0.4, -(12.5 - 45) / 80 * 3 - 0.3
    assert u[12, 20] == pytest.approx(71.5 + 90 * x / 4, abs=1e-4)
    assert v[12, 20] == pytest.approx(48.25 - 100 * y / 4, abs=1e-4)
    assert np.isnan(u[10, 20]) and np.isnan(v[10, 20])
    u, _ = places_in_layer(depth, FRAME, moved(0, 0, 1.0), LAYER)
    assert np.isnan(u[40, 50]) and np.isfinite(u[41, 50])  # behind the layer's camera


@pytest.mark.parametrize("back", [-2.5, -1.0, 0.0, 4.0, 20.0])
def test_a_frame_marks_what_it_shows_of_a_wall(back):
    """Seen from near by, at its own distance, and from so far that it shows a pixel in seven."""
    depth = np.full((83, 121), 3.0 + back, np.float32)
    depth[:, :60] = 0  # something else stands before the left half
    places = places_in_layer(depth, FRAME, moved(0.1, 0.05, back), LAYER)
    wanted = np.ones((101, 133), bool)
    wanted[:, 100:] = False
    seen = mark_seen(places, wanted)
    edge = [FRAME.fx, FRAME.fy, FRAME.cx, FRAME.cy]
    x = (np.array([60, 121]) - edge[2]) / edge[0] * (3 + back) + 0.1
    y = (edge[3] - np.array([0, 83])) / edge[1] * (3 + back) + 0.05
    left, right = LAYER.cx + LAYER.fx * x / 3
    top, bottom = LAYER.cy - LAYER.fy * y / 3
    u, v = np.arange(133) + 0.5, (np.arange(101) + 0.5)[:, None]
    for off, whole in ((1, True), (-1, False)):
        expected = (u > left + off) & (u < right - off) & (v > top + off) & (v < bottom - off)
        expected = expected & wanted
        assert (seen >= expected).all() if whole else (seen <= expected).all()
    assert seen.any()


def test_a_steep_surface_has_no_gaps():
    """Its near side is drawn over far more pixels of the layer than of the frame."""
    columns = (np.arange(121) + 0.5 - 60) / 75
    depth = np.broadcast_to((4 / (0.55 + columns)).astype(np.float32), (83, 121))
    places = places_in_layer(np.where(depth > 0, depth, 0), FRAME, moved(1.5, 0, -0.4), LAYER)
    seen = mark_seen(places, np.ones((101, 133), bool))
    inside = (places[0] > 0) & (places[0] < 132) & (places[1] > 2) & (places[1] < 99)
    assert seen[50].sum() >= np.ptp(places[0][inside]) - 2


def test_nothing_is_marked_where_nothing_is_asked_for():
    places = places_in_layer(np.ones((83, 121), np.float32), FRAME, moved(0, 0, 0), LAYER)
    assert not mark_seen(places, np.zeros((101, 133), bool)).any()
    away = np.zeros((101, 133), bool)
    away[-1, -1] = True
    hidden = places_in_layer(np.zeros((83, 121), np.float32), FRAME, moved(0, 0, 0), LAYER)
    assert not mark_seen(hidden, away).any()


def test_the_picture_measured_what_it_shows_of_a_layer():
    labels = np.zeros((6, 8), np.int8)
    labels[:, 3:5], labels[:, 5:], labels[0] = 1, 2, -1
    picture = Intrinsics(10, 10, 4, 3, 8, 6)
    frame = Intrinsics(10, 10, 4 + 2, 3 + 1, 8 + 5, 6 + 3)
    found = measured_pixels(labels, 1, picture, frame)
    expected = np.zeros((9, 13), bool)
    expected[2:7, 2 + 3 : 2 + 8] = True
    np.testing.assert_array_equal(found, expected)
    half = Intrinsics(5, 5, 2, 1.5, 4, 3)  # as of a draft
    np.testing.assert_array_equal(
        measured_pixels(labels, 2, picture, half), labels[1::2, 1::2] >= 2
    )
