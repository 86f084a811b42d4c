"""What the tear rule keeps and what it cuts."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, build_surface
from sharpdepth_blender.geometry.sampling import sample_counts
from sharpdepth_blender.geometry.tears import torn_quads


def torn(depth, tear_ratio=1.1):
    depth = np.asarray(depth, np.float32)
    height, width = depth.shape
    return torn_quads(depth, np.arange(width), np.arange(height), tear_ratio)


def plane(height, width, right, down, ahead):
    """Depth of a plane whose 1/z is `ahead + right * x + down * y`, x and y from the centre."""
    y, x = np.mgrid[:height, :width]
    return 1 / (ahead + right * (x - width / 2 + 0.5) + down * (y - height / 2 + 0.5))


def ground(height=40, width=30, horizon=0.0):
    """A ground whose horizon lies `horizon` samples above the top row's upper edge."""
    rows = np.arange(height) + 0.5 + horizon
    return np.repeat((100 / rows)[:, None], width, 1)


def test_ground_is_whole_up_to_the_horizon():
    depth = ground()
    assert depth[0, 0] > 2.9 * depth[1, 0]
    assert not torn(depth).any()
    assert not torn(depth[::-1]).any()
    assert not torn(depth.T).any()
    assert not torn(ground(height=4)).any()


@pytest.mark.parametrize("seed", range(40))
def test_any_plane_is_whole(seed):
    rng = np.random.default_rng(seed)
    height, width = (int(n) for n in rng.integers(3, 50, 2))
    right, down = rng.normal(size=2)
    reach = abs(right) * (width - 1) / 2 + abs(down) * (height - 1) / 2
    depth = plane(height, width, right, down, reach + rng.uniform(0.02, 1) * max(reach / 10, 0.1))
    assert not torn(depth).any()


@pytest.mark.parametrize("ratio", [1.2, 1.5, 4, 1000])
def test_step_is_cut_and_nothing_else(ratio):
    depth = np.full((12, 16), 2.0)
    depth[:, 7:] *= ratio
    expected = np.zeros((11, 15), bool)
    expected[:, 6] = True
    for picture, cut in ((depth, expected), (depth.T, expected.T), (depth[:, ::-1], expected)):
        if picture is not depth and picture.shape == depth.shape:
            cut = expected[:, ::-1]
        np.testing.assert_array_equal(torn(picture), cut)


def test_step_below_the_ratio_is_kept():
    depth = np.full((8, 8), 2.0)
    depth[:, 4:] *= 1.2
    assert not torn(depth, 1.25).any()
    assert torn(depth, 1.15).any()
    assert not torn(depth, np.inf).any()


@pytest.mark.parametrize("slope", [-0.004, 0.004])
def test_step_between_slanted_walls_is_cut(slope):
    depth = plane(30, 30, slope, 0, 0.2)
    depth[:, 15:] = 1.3 * depth[:, 15:]
    np.testing.assert_array_equal(np.nonzero(torn(depth).any(0))[0], [14])


def test_corner_step_cuts_the_quads_it_touches():
    depth = np.full((9, 9), 2.0)
    depth[5:, 5:] = 3
    expected = np.zeros((8, 8), bool)
    expected[4, 4:] = expected[4:, 4] = True
    np.testing.assert_array_equal(torn(depth), expected)


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("behind", ["wall", "ground"])
def test_pole_is_cut_on_both_sides(width, behind):
    depth = np.full((40, 30), 10.0) if behind == "wall" else ground()
    # The pole stands on row 30 of the ground, where both are equally far.
    pole = slice(10, 10 + width)
    foot = depth[30, 0] if behind == "ground" else 5.0
    depth[:31, pole] = foot
    cut = torn(depth)
    apart = depth[:30, 0] > 1.15 * foot
    assert cut[:30, 9][apart[:30]].all() and cut[:30, 9 + width][apart[:30]].all()
    others = np.ones(29, bool)
    others[9 : 10 + width] = False
    if behind == "ground":
        assert not cut[:, others].any()
        assert not cut[30:, :].any()  # it still stands on the ground
    else:
        assert not cut[:29, others].any()


def test_horizon_is_cut_from_the_sky():
    depth = ground(height=60)
    depth = np.concatenate([np.full((20, 30), 1000.0), depth])
    cut = torn(depth)
    np.testing.assert_array_equal(np.nonzero(cut.any(1))[0], [19])
    assert cut[19].all()


@pytest.mark.parametrize("offset", [0.0, 0.25, 0.5, 0.75])
@pytest.mark.parametrize("ratio", [1.5, 2, 5])
@pytest.mark.parametrize("blur", [1, 2, 3, 4])
@pytest.mark.parametrize("space", ["z", "1/z"])
def test_blurred_edge_is_cut(blur, ratio, offset, space):
    ramp = np.clip((np.arange(40) - 20 + offset) / blur + 0.5, 0, 1)
    line = 2 + 2 * (ratio - 1) * ramp
    if space == "1/z":
        line = 1 / (0.5 + (0.5 / ratio - 0.5) * ramp)
    cut = torn(np.repeat(line[None], 10, 0))
    assert cut.any(1).all()
    left = np.maximum(line[1:], line[:-1]) / np.minimum(line[1:], line[:-1])
    kept = (left > 1.1) & ~cut[0]
    assert kept.sum() <= 1  # at most a skirt of one quad remains


@pytest.mark.parametrize("seed", range(5))
def test_noise_does_not_shred_the_ground(seed):
    rng = np.random.default_rng(seed)
    depth = ground(height=80, width=80) * (1 + 0.005 * rng.standard_normal((80, 80)))
    steep = np.maximum(depth[:-1], depth[1:]) > 1.1 * np.minimum(depth[:-1], depth[1:])
    assert steep[:8].all()
    assert torn(depth).sum() <= 0.01 * steep.sum()


@pytest.mark.parametrize("seed", range(5))
def test_noise_does_not_glue_a_step(seed):
    rng = np.random.default_rng(seed)
    depth = np.full((60, 60), 2.0)
    depth[:, 30:] = 2.6
    depth *= 1 + 0.01 * rng.standard_normal(depth.shape)
    assert torn(depth)[:, 29].mean() > 0.99


def test_without_neighbours_no_plane_explains():
    assert torn([[1, 2], [1, 2]]).all()
    assert not torn([[1, 1.05], [1, 1.05]]).any()
    assert torn([[1, 1, 2, 2], [1, 1, 2, 2]]).tolist() == [[False, True, False]]


def test_holes_tear_their_quads_and_silence_a_side():
    depth = ground()
    depth[20, 15] = 0
    cut = torn(depth)
    assert cut.sum() == 4 and cut[19:21, 14:16].all()
    depth = ground()
    depth[3] = np.nan  # which the planes of rows 0, 2 and 4 would lean on
    cut = torn(depth)
    assert cut[[0, 2, 3]].all() and not cut[4:].any()


def test_a_coarser_grid_keeps_the_ground():
    camera = Intrinsics(100, 100, 15, 20, 30, 40)
    for resolution in (40, 27, 20, 13, 6):
        columns, rows = sample_counts(30, 40, resolution)
        surface = build_surface(ground(), camera, resolution=resolution)
        assert len(surface.quads) == (rows - 1) * (columns - 1)
