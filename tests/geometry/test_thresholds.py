import numpy as np
import pytest

from sharpdepth_blender.geometry.thresholds import propose_sky, propose_thresholds

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
