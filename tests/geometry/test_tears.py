"""What the tear rule keeps and what it cuts."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, build_surface
from sharpdepth_blender.geometry.connected_components import component_runs
from sharpdepth_blender.geometry.sampling import sample_counts
from sharpdepth_blender.geometry.tears import torn_quads


def torn(depth, tear_ratio=1.1):
    depth = np.asarray(depth, np.float32)
    height, width = depth.shape
    return torn_quads(depth, np.arange(width), np.arange(height), tear_ratio)


def plane(height, width, right, down, ahead):
    """Depth of a plane whose 1/z is `ahead + right * x + down * y`, x and y from the center."""
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


def test_without_neighbors_no_plane_explains():
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


def pieces(cut):
    """(h, w) the number of the piece of surface, or of the gap, that each quad is in."""
    _, length, region = component_runs(cut, diagonal=True)
    return np.repeat(region, length).reshape(cut.shape)


def quads_of(mask):
    """Quads all of whose corners are in a mask of samples."""
    return mask[1:, 1:] & mask[1:, :-1] & mask[:-1, 1:] & mask[:-1, :-1]


@pytest.mark.parametrize("size", [80, 300])
@pytest.mark.parametrize("seed", range(5))
def test_noise_on_steep_ground_cuts_no_comb(seed, size):
    """Dozens of quads are torn by themselves, in short slits one above the other."""
    rng = np.random.default_rng(seed)
    depth = ground(size, size) * (1 + 0.01 * rng.standard_normal((size, size)))
    assert not torn(depth).any()
    assert not torn(depth.T).any()


@pytest.mark.parametrize("length", range(1, 15))
def test_a_slit_shorter_than_eight_heals_whole(length):
    depth = np.full((40, 30), 2.0)
    # Below the ratio row by row, and a clear tear, though no decisive one, across.
    rise = np.full(length - 1, 1.18)
    depth[10 : 10 + length + 1, 15:] *= np.r_[1.09, rise, 1.09][:, None]
    cut = torn(depth)
    across = np.zeros_like(cut)
    across[10 : 10 + length, 14] = length > 1
    np.testing.assert_array_equal(cut, across if length >= 8 else np.zeros_like(cut))


def test_one_decisive_tear_keeps_a_short_slit():
    depth = np.full((40, 30), 2.0)
    depth[10:15, 15:] *= np.array([1.09, 1.18, 1.28, 1.18, 1.09])[:, None]
    assert torn(depth)[10:14, 14].all()


def chair(wall, blur, space="z"):
    """Depth of a chair at 2 m before a wall, blurred over so many samples, and where it is."""
    shape = np.zeros((80, 80), bool)
    shape[8:44, 20:28] = shape[8:44, 48:56] = True  # posts
    shape[12:20, 20:56] = shape[34:44, 14:62] = True  # back and seat
    shape[44:70, 14:22] = shape[44:70, 54:62] = True  # legs
    values = np.where(shape, 2.0, wall)
    values = values if space == "z" else 1 / values
    padded = np.pad(values, blur, "edge")
    shifts = list(np.ndindex(blur, blur))
    mean = sum(padded[1 + down :, 1 + right :][:80, :80] for down, right in shifts) / len(shifts)
    return mean if space == "z" else 1 / mean, shape


@pytest.mark.parametrize("noise", [0, 0.005, 0.01])
@pytest.mark.parametrize(("wall", "blur"), [(2.4, 1), (3, 1), (3, 2), (5, 2), (5, 3), (5, 4)])
@pytest.mark.parametrize("space", ["z", "1/z"])
def test_a_chair_is_cut_from_the_wall_all_around(space, wall, blur, noise):
    depth, shape = chair(wall, blur, space)
    depth *= 1 + noise * np.random.default_rng(0).standard_normal(depth.shape)
    cut = torn(depth)
    for picture, inside in ((cut, shape), (cut.T, shape.T)):
        outline = inside[:-1, 1:] != inside[:-1, :-1]
        straight = np.all([np.roll(outline, step, 0) for step in range(-blur, blur + 1)], axis=0)
        row, column = np.nonzero(straight)
        across = column[:, None] + np.arange(-2, 3)
        assert len(row) > 50 and picture[row[:, None], across].any(axis=1).all()
    if blur < 4:  # which rounds the corners too much
        piece = pieces(cut)
        behind, before = (set(piece[quads_of(each) & ~cut]) for each in (~shape, shape))
        assert not behind & before


@pytest.mark.parametrize("seed", range(10))
def test_no_crumbs_hang_along_an_edge(seed):
    rng = np.random.default_rng(seed)
    depth, _ = chair(wall=5, blur=3)
    depth *= 1 + 0.03 * rng.standard_normal(depth.shape)
    cut = torn(depth)
    sizes = np.bincount(pieces(cut)[~cut])
    assert sizes.max() > 3000
    assert sizes[sizes > 0].min() >= 8


@pytest.mark.parametrize("wide", range(2, 6))
def test_a_small_piece_goes_where_a_tear_touches_it(wide):
    depth = np.full((30, 30), 5.0)
    depth[12:15, 12 : 13 + wide] = 2
    inside = quads_of(depth == 2)
    assert inside.sum() == 2 * wide
    assert torn(depth)[inside].all() == (2 * wide < 8)
    depth[depth > 2] = np.nan  # and between holes alone, it stays
    np.testing.assert_array_equal(torn(depth), ~inside)


def test_pieces_that_touch_by_a_corner_are_one():
    depth = np.full((30, 30), 5.0)
    depth[10:13, 10:13] = depth[12:15, 12:15] = 2
    assert not torn(depth)[quads_of(depth == 2)].any()


@pytest.mark.parametrize("height", range(2, 10))
def test_a_narrow_grid_asks_for_no_more_than_its_width(height):
    depth = np.full((height, 40), 2.0)
    depth[:, 20:] *= 1.15
    expected = np.zeros((height - 1, 39), bool)
    expected[:, 19] = True
    np.testing.assert_array_equal(torn(depth), expected)
    np.testing.assert_array_equal(torn(depth.T), expected.T)


@pytest.mark.parametrize("tear_ratio", [1, 1.1, 1e9, np.inf])
@pytest.mark.parametrize("seed", range(5))
def test_holes_are_never_healed(seed, tear_ratio):
    rng = np.random.default_rng(seed)
    depth = ground(60, 60) * (1 + 0.01 * rng.standard_normal((60, 60)))
    depth[rng.random(depth.shape) < 0.3] = np.nan
    depth[rng.random(depth.shape) < 0.05] = 0
    cut = torn(depth, tear_ratio)
    whole = quads_of(depth > 0)
    assert cut[~whole].all()
    assert tear_ratio < 1e9 or not cut[whole].any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 2), (2, 3), (3, 2)])
def test_the_smallest_grids(shape):
    quads = shape[0] - 1, shape[1] - 1
    assert torn(np.full(shape, 2.0)).shape == quads
    assert not torn(np.full(shape, 2.0)).any()
    assert torn(np.full(shape, np.nan)).all()
    step = np.full(shape, 2.0)
    step[:, -1] = 3
    assert torn(step)[:, -1:].all() and not torn(step, np.inf).any()
