"""Planes of a whole picture."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.planes import NO_PLANE, find_planes, flatten, name_planes
from tests.geometry.planes.room import BOX, NAMES, PLANES, room, waves


def matched(found):
    """For each found plane, the plane of the room that it is next to."""
    return [int(np.abs(PLANES - plane.vector).sum(1).argmin()) for plane in found.planes]


def angle(plane, number):
    truth = -PLANES[number] / np.linalg.norm(PLANES[number])
    return np.degrees(np.arccos(min(1.0, float(plane.normal @ truth))))


@pytest.mark.parametrize("size", [(640, 480), (333, 517), (91, 70)])
def test_an_exact_room_has_exactly_its_planes(size):
    depth, k, labels = room(*size, box=False)
    found = find_planes(depth, k)
    number = matched(found)
    assert sorted(number) == [0, 1, 2, 3, 4]
    for plane, each in zip(found.planes, number, strict=True):
        np.testing.assert_allclose(plane.vector, PLANES[each], atol=2e-5)
    assert name_planes(found.planes) == tuple(NAMES[each] for each in number)
    assert (np.array(number)[found.labels] == labels).mean() > 0.999
    assert (found.labels != NO_PLANE).mean() > 0.999


def test_borders_of_planes_are_their_lines_of_intersection():
    depth, k, labels = room(640, 480, box=False)
    noisy = (depth * waves(depth.shape, 0.004, 60)).astype(np.float32)
    found = find_planes(noisy, k)
    number = np.array(matched(found))
    # Where the back wall meets the floor, column by column.
    for column in range(200, 440, 7):
        true = np.flatnonzero(labels[:, column] == 0).min()
        rows = np.flatnonzero(number[found.labels[:, column]] == 0)
        assert abs(rows.min() - true) < 4
        assert (np.diff(rows) == 1).all()
    first = [np.flatnonzero(number[found.labels[:, c]] == 0).min() for c in range(200, 440)]
    line = np.polyval(np.polyfit(np.arange(200, 440), first, 1), np.arange(200, 440))
    assert np.abs(first - line).max() < 0.8  # pixels: straight to rounding


def test_waves_of_an_estimate_leave_the_planes_of_a_room():
    depth, k, labels = room(640, 480)
    rough = (depth * waves(depth.shape, 0.03, 90)).astype(np.float32)
    found = find_planes(rough, k)
    number = matched(found)
    for each in (0, 1, 2, 4):
        assert each in number
        assert angle(found.planes[number.index(each)], each) < 3
    good = np.array([*number, -1])[found.labels] == labels
    assert good.mean() > 0.85


def test_what_is_off_the_planes_stays_relief_and_holes_stay_holes():
    depth, k, labels = room(480, 360)
    ball = np.hypot(*(np.mgrid[:360, :480] - np.array([150, 330])[:, None, None])) < 40
    v, u = np.mgrid[:360, :480]
    bump = np.sqrt(np.maximum(1 - ((v - 150) ** 2 + (u - 330) ** 2) / 1600, 0))
    depth = np.where(ball, 3.2 - 0.5 * bump, depth).astype(np.float32)
    depth[20:60, 200:260] = 0
    found = find_planes(depth, k)
    assert (found.labels[ball] == NO_PLANE).mean() > 0.9
    assert (found.labels[20:60, 200:260] == NO_PLANE).all()
    flat = flatten(depth, found, k)
    assert (flat[20:60, 200:260] == 0).all()
    np.testing.assert_allclose(flat[ball], depth[ball], rtol=3e-3)
    np.testing.assert_allclose(flat[labels == -1], BOX, rtol=3e-3)


def test_a_picture_without_anything_flat_has_no_planes():
    v, u = np.mgrid[:240, :320]
    depth = 3 + np.sin(u / 9) * np.sin(v / 7) + 0.5 * np.sin((u + 2 * v) / 17)
    _, k, _ = room(320, 240)
    found = find_planes(depth.astype(np.float32), k)
    assert (found.labels == NO_PLANE).mean() > 0.97
    nothing = find_planes(np.zeros((240, 320), np.float32), k)
    assert nothing.planes == () and (nothing.labels == NO_PLANE).all()
    np.testing.assert_array_equal(flatten(depth.astype(np.float32), nothing, k), depth.astype("f4"))


def test_flat_planes_are_exact_and_join_without_steps():
    depth, k, labels = room(480, 360, box=False)
    rough = (depth * waves(depth.shape, 0.02, 70)).astype(np.float32)
    found = find_planes(rough, k)
    flat = flatten(rough, found, k)
    for number, plane in enumerate(found.planes):
        here = found.labels == number
        disparity = plane.disparity(k, np.arange(360), np.arange(480))
        np.testing.assert_allclose(flat[here] * disparity[here], 1, rtol=1e-5)
    # Floor and back wall: no step larger than planes and ripples make from pixel to pixel.
    step = np.abs(np.diff(np.log(flat[:, 200:300]), axis=0))
    assert step.max() < 0.02


def test_size_of_the_intrinsics_counts():
    depth, k, _ = room(64, 48)
    with pytest.raises(ValueError, match="64 x 48"):
        find_planes(depth[:-1], k)


def test_a_window_bar_blurred_with_what_is_behind_it_is_on_the_wall_of_its_window():
    depth, k, _ = room(640, 480, box=False)
    wall = depth.copy()
    rough = (depth * waves(depth.shape, 0.03, 90)).astype(np.float32)
    picture = np.full((480, 640, 3), 0.5, np.float32)
    window, bar = (slice(180, 300), slice(250, 390)), (slice(180, 300), slice(318, 323))
    behind = (slice(180, 300), slice(270, 275))  # a stripe of what is seen through it
    for each, gray in ((window, 0.95), (bar, 0.3), (behind, 0.8)):
        picture[each] = gray
    rough[window] = 60
    rough[bar] = 25  # the estimate has seen it, but not how near it is
    found = find_planes(rough, k, picture)
    flat = flatten(rough, found, k)
    inner = slice(190, 290)
    np.testing.assert_allclose(flat[inner, 320], wall[inner, 320], rtol=0.05)
    assert (flat[inner, 272] > 40).all() and (flat[inner, 300] > 40).all()
