"""Canny's edges against those of the released evaluation, and under a mask."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("skimage")

from training.metrics.edges import depth_edges, disparity_edges, edges  # noqa: E402

GOLDEN = np.load(Path(__file__).parents[2] / "golden" / "metrics.npz")
PAIRS = sorted({name.split("/")[0] for name in GOLDEN.files})


@pytest.mark.parametrize("which", ["gt", "pred"])
@pytest.mark.parametrize("pair", PAIRS)
def test_equal_the_released_ones_pixel_by_pixel(pair, which):
    depth = GOLDEN[f"{pair}/{which}"]
    np.testing.assert_array_equal(depth_edges(depth), GOLDEN[f"{pair}/edges/{which}_depth"])
    np.testing.assert_array_equal(disparity_edges(depth), GOLDEN[f"{pair}/edges/{which}_disp"])


def three_planes():
    """Depth that steps from 1 to 30 m at column 20, and from there to 2 km at column 40."""
    depth = np.full((31, 60), 1, np.float32)
    depth[:, 20:], depth[:, 40:] = 30, 2000
    return depth


def columns(edge):
    return set(np.nonzero(edge)[1].tolist())


def test_depth_misses_near_steps_and_disparity_far_ones():
    depth = three_planes()
    assert columns(depth_edges(depth)) == {39, 40}
    assert columns(disparity_edges(depth)) == {19, 20}
    assert columns(edges(depth)) == {19, 20, 39, 40}


@pytest.mark.parametrize("hole", [0, np.nan, np.inf, -np.inf, -5, 1e30])
@pytest.mark.filterwarnings("error")
def test_a_hole_has_no_edge_whatever_is_in_it(hole):
    depth = np.full((40, 30), 3, np.float32)
    valid = np.ones_like(depth, bool)
    valid[10:25, 8:20] = False
    depth[~valid] = hole
    assert not edges(depth, valid).any()


def test_a_hole_ends_an_edge_and_moves_it_by_a_pixel_at_most():
    depth = three_planes()
    valid = np.ones_like(depth, bool)
    valid[12:20, 30:50] = False
    there, whole = edges(depth, valid), edges(depth)
    assert not there[11:21, 29:51].any()
    np.testing.assert_array_equal(there[:, :25], whole[:, :25])
    rows = {*range(1, 11), *range(21, 30)}
    assert set(np.nonzero(there[:, 25:])[0].tolist()) == rows
    assert columns(there[:, 25:]) <= {13, 14, 15, 16}


@pytest.mark.parametrize("shape", [(50, 37), (33, 64)])
def test_inside_an_invalid_frame_all_is_as_without_it(shape):
    depth = np.full(shape, 8, np.float32)
    depth[12:25, 9:27], depth[20:30, 15:20] = 5, 2
    around = ((9, 3), (5, 14))
    valid = np.pad(np.ones(shape, bool), around)
    framed = edges(np.pad(depth, around), valid)
    assert edges(depth).any()
    np.testing.assert_array_equal(framed, np.pad(edges(depth), around))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (1, 9), (7, 1), (2, 2), (9, 5)])
def test_small_and_constant_maps_have_none(shape):
    assert edges(np.full(shape, 4, np.float32)).shape == shape
    assert not edges(np.full(shape, 4, np.float32)).any()
    assert not edges(np.full(shape, 4, np.float32), np.zeros(shape, bool)).any()
