"""The temporal alignment error of shots whose error is known."""

import numpy as np
import pytest

from benchmarks.tae import temporal_alignment_error
from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.temporal import View

LENS = Intrinsics(50.0, 50.0, 30.5, 20.5, 61, 41)


def wall(distance, z=0.0, factor=1.0):
    """A wall across the view of a camera that stands at a height of z along its own axis."""
    matrix = np.eye(4)
    matrix[2, 3] = z
    return View(np.full((41, 61), distance * factor, np.float32), LENS, matrix)


def test_a_still_shot_without_flicker_has_none():
    assert temporal_alignment_error([wall(3.0)] * 3) == pytest.approx(0, abs=1e-5)


def test_every_pixel_counts():
    """A tenth of the picture is nearer by half in one of two frames: that share is half off."""
    one, other = wall(2.0), wall(2.0)
    one.depth[:, :6] = 1.0
    wanted = 100 * (6 / 61) * (1 / 2 + 1 / 1) / 2
    assert temporal_alignment_error([one, other]) == pytest.approx(wanted, rel=1e-4)


def test_exact_depth_of_a_moving_camera_has_none():
    """Blender's cameras look along -z: 2 m towards a wall that was 6 m away, it is 4 m away."""
    assert temporal_alignment_error([wall(6.0), wall(4.0, -2.0)]) == pytest.approx(0, abs=1e-4)


def test_a_jump_of_scale_counts_both_ways():
    """10 % more: as a share of the larger depth one way, of the smaller the other."""
    error = temporal_alignment_error([wall(2.0), wall(2.0, factor=1.1)])
    assert error == pytest.approx(100 * (0.1 / 1.1 + 0.1) / 2, rel=1e-4)


def test_each_pair_counts_alike():
    frames = [wall(2.0), wall(2.0, factor=1.1), wall(2.0, factor=1.1)]
    assert temporal_alignment_error(frames) == pytest.approx(25 * (0.1 / 1.1 + 0.1), rel=1e-4)


def test_what_was_not_measured_does_not_count():
    holed = wall(2.0)
    holed.depth[:, :20] = 0
    assert temporal_alignment_error([holed, wall(2.0)]) == pytest.approx(0, abs=1e-5)


def test_a_turned_camera_sees_the_same_points():
    """A wall seen obliquely: without its own axes the points would leave the picture."""
    turned = np.eye(4)
    angle = 0.2
    turned[:3, :3] = [
        [np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)],
    ]  # fmt: skip
    columns = (np.arange(61) + 0.5 - LENS.cx) / LENS.fx
    across = 4.0 / (np.cos(angle) - np.sin(angle) * columns * -1)
    oblique = View(np.broadcast_to(across, (41, 61)).astype(np.float32), LENS, turned)
    assert temporal_alignment_error([wall(4.0), oblique]) < 0.5  # of the rounding to whole pixels
    wrong = View(oblique.depth[:, ::-1].copy(), LENS, turned)
    assert temporal_alignment_error([wall(4.0), wrong]) > 5


def test_the_nearest_of_several_points_counts():
    """The camera has stepped aside, so that a post now hides wall that was seen."""
    one, other = wall(4.0), wall(4.0)
    one.depth[:, 30:40] = 2.0
    other.matrix[0, 3] = 0.4  # of 50 pixels focal length the post moves by 10, the wall by 5
    other.depth[:, 20:30] = 2.0
    assert temporal_alignment_error([one, other]) == pytest.approx(0, abs=1e-4)
