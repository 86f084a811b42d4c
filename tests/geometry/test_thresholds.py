import numpy as np
import pytest

from sharpdepth_blender.geometry.thresholds import (
    propose_sky,
    propose_split,
    propose_thresholds,
)

CLUSTERS = [
    ((2, 8), (50, 50)),
    ((2, 5, 20), (10, 80, 10)),
    ((1, 3, 9, 40), (2, 60, 30, 8)),
    ((3, 30), (1, 99)),
    ((0.5, 1, 2, 4, 8, 16, 32, 64), (5, 10, 15, 20, 20, 15, 10, 5)),
]


@pytest.mark.parametrize("depths, shares", CLUSTERS)
def test_each_cluster_gets_its_own_layer(depths, shares):
    rng = np.random.default_rng(3)
    depth = np.concatenate(
        [z * (1 + 0.03 * rng.normal(size=300 * n)) for z, n in zip(depths, shares, strict=True)]
    ).astype(np.float32)[None]
    found = propose_thresholds(depth, len(depths))
    for near, threshold, far in zip(depths[:-1], found, depths[1:], strict=True):
        assert near * 1.12 < threshold < far * 0.88


def test_a_slope_is_parted_by_ratio():
    depth = np.geomspace(1, 64, 10000, dtype=np.float32)[None]
    assert propose_thresholds(depth, 3) == pytest.approx((4, 16), rel=0.1)


@pytest.mark.parametrize("count", [2, 5, 8])
@pytest.mark.parametrize(
    "depth",
    [
        np.full((3, 4), 7, np.float32),
        np.array([[3, 5]], np.float32),
        np.array([[2]], np.float32),
        np.array([[0, np.nan, np.inf, -1, 4]], np.float32),
        np.geomspace(1e-3, 1e5, 50, dtype=np.float32)[None],
    ],
)
def test_any_depth_gets_ascending_thresholds(depth, count):
    found = propose_thresholds(depth, count)
    assert len(found) == count - 1
    assert found[0] > 0 and (np.diff(found) > 0).all()
    assert found == propose_thresholds(depth, count)


@pytest.mark.parametrize("count", [0, 1, 9, 2.5])
def test_number_of_layers_has_limits(count):
    with pytest.raises(ValueError, match="from 2 to 8"):
        propose_thresholds(np.ones((2, 2), np.float32), count)


def test_no_depth_has_no_thresholds():
    with pytest.raises(ValueError, match="no depth"):
        propose_thresholds(np.zeros((2, 2), np.float32), 2)


def outdoors(sky):
    """A ground up to 40 m, and a sky above it."""
    depth = np.full((60, 40), sky, np.float32)
    depth[20:] = np.geomspace(40, 3, 40)[:, None]
    return depth


def test_sky_is_what_lies_beyond_a_gap_at_the_top():
    assert 40 < propose_sky(outdoors(150)) < 150


@pytest.mark.parametrize(
    "depth", [outdoors(45), outdoors(0), outdoors(150)[::-1], outdoors(150) / 10]
)
def test_what_is_no_gap_or_not_on_top_or_near_is_no_sky(depth):
    assert propose_sky(depth) == 0


def room(*boxes, width=160, height=120, wall=6.0):
    """Depth of a room with a floor and side walls, and upright boxes (depth, left, right, top)."""
    focal = 0.9 * width
    v, u = np.indices((height, width)) + 0.5
    across, down = (u - width / 2) / focal, (v - height / 2) / focal
    with np.errstate(divide="ignore"):
        depth = np.minimum(wall, np.where(down > 0, 1.2 / down, np.inf))
        depth = np.minimum(depth, 2.0 / np.abs(across))
    for z, left, right, top in boxes:
        on = (u > left * width) & (u < right * width) & (v > top * height) & (down < 1.2 / z)
        depth = np.where(on & (depth > z), z, depth)
    return depth.astype(np.float32)


BOXES = [(1.5, 0.05, 0.3, 0.3), (2.8, 0.35, 0.6, 0.4), (4.2, 0.65, 0.85, 0.42)]


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize("size", [(160, 120), (120, 160), (1024, 768)])
def test_thresholds_lie_between_the_things_of_a_room(size, noise):
    """Though its floor and walls have every depth."""
    depth = room(*BOXES, width=size[0], height=size[1])
    depth *= 1 + noise * np.random.default_rng(0).normal(size=depth.shape).astype(np.float32)
    found = propose_thresholds(depth, 4)
    ends = (*(box[0] for box in BOXES), 6.0)
    for near, threshold, far in zip(ends[:-1], found, ends[1:], strict=True):
        assert near * (1 + 2.5 * noise) < threshold < far * (1 - 2.5 * noise)


def test_a_thing_is_not_cut_though_it_reaches_across_many_depths():
    """A long table, seen along its top, before a wall."""
    depth = room(wall=9.0)
    rows = np.arange(70, 110)
    depth[rows, 50:110] = np.geomspace(4.0, 2.0, len(rows))[:, None]
    (threshold,) = propose_thresholds(depth, 2)
    assert not 2.0 < threshold < 4.0


@pytest.mark.parametrize("far", [2.5, 4.0])
def test_no_layer_has_most_of_the_picture_where_there_is_a_gap(far):
    """A wide wall, a narrower one behind it, and small things far off that spread depth."""
    depth = np.full((120, 160), 2.0, np.float32)
    depth[:, 100:] = far
    depth[:4, 100:] = 40.0
    depth[-4:, :10] = 0.5
    for count in (2, 3, 4):
        found = propose_thresholds(depth, count)
        share = np.histogram(depth, (0, *found, np.inf))[0] / depth.size
        assert share.max() <= 0.7, (count, found, share)


@pytest.mark.parametrize("long, between", [(0, (2, 4)), (1, (4, 8))])
def test_of_two_gaps_alike_that_with_the_longer_edge_is_taken(long, between):
    """Three bands of equal areas, each twice as far as the one before; one border has teeth."""
    depth = np.full((120, 180), 4.0, np.float32)
    teeth = np.where(np.arange(120) // 6 % 2, 20, -20)[:, None]
    column = np.arange(180)
    ends = [
        each + (teeth if number == long else 0 * teeth) for number, each in enumerate((60, 120))
    ]
    depth[column < ends[0]] = 2.0
    depth[column >= ends[1]] = 8.0
    assert np.histogram(depth, (0, 3, 6, 9))[0].tolist() == [7200] * 3
    (found,) = propose_thresholds(depth, 2)
    assert between[0] < found < between[1]


def test_a_near_gap_counts_more_than_a_farther_one_of_a_larger_ratio():
    """Outside of a window a hedge, before whose top a little of the country is seen."""
    depth = room(wall=5.4)
    depth[30:60, 60:130] = 10.0
    depth[25:30, 60:130] = np.geomspace(143, 40, 5)[:, None]
    _, found = propose_thresholds(depth, 3)
    assert 5.4 < found < 10


def test_a_flat_wall_is_not_torn_for_the_sake_of_shares():
    depth = np.full((90, 120), 5.0, np.float32)
    depth[30:50, 40:60] = 3.0
    assert 3.1 < propose_thresholds(depth, 2)[0] < 4.9


def test_holes_beside_edges_do_not_hide_them():
    """As in what a sensor measures."""
    depth = room(*BOXES)
    nearest = np.minimum(depth[:, 2:], depth[:, :-2]) < 0.9 * depth[:, 1:-1]
    depth[:, 1:-1][nearest] = 0
    one, two, three = propose_thresholds(depth, 4)
    assert 1.55 < one < 2.75 and 2.85 < two < 4.1 and 4.3 < three < 5.9


def test_a_layer_is_parted_between_its_things():
    depth = room(*BOXES)
    assert 2.85 < propose_split(depth, 1.6, 5.0) < 4.1
    assert propose_split(depth, 7.0, 9.0) is None
    assert propose_split(np.full((20, 30), 3.0, np.float32), 2.0, 4.0) != 3.0
