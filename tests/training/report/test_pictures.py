"""Colors of depth, and images within the page."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from training.report.pictures import (
    change,
    color_change,
    color_depth,
    data_uri,
    depth_range,
    thicken,
)


def test_near_is_bright_and_far_is_dark_and_unknown_is_gray():
    depth = np.array([[0.5, 1, 3, 10, 50, np.nan]])
    colors = color_depth(depth, 1, 10)[0].astype(int)
    light = colors.sum(axis=1)
    assert (colors[0] == colors[1]).all() and (colors[3] == colors[4]).all()
    assert light[1] > light[2] > light[3]
    assert (colors[5] == 128).all()


def test_a_range_leaves_out_the_ends_and_is_never_empty():
    depth = np.linspace(1, 2, 1000).reshape(20, 50)
    depth[0, 0], depth[0, 1] = 1000, np.nan
    near, far = depth_range(depth)
    assert 1 < near < 1.02 and 1.98 < far < 2
    near, far = depth_range(np.full((3, 3), 4.0))
    assert near == 4 and far > 4


def test_what_is_no_depth_has_no_color_and_no_part_in_the_range():
    depth = np.array([[2.0, 0, -1, np.inf, np.nan, 4]])
    assert depth_range(depth) == pytest.approx((2.02, 3.98))
    assert (color_depth(depth, 2, 4)[0, 1:5] == 128).all()


def test_a_change_is_black_where_equal_and_blue_where_unknown():
    one = np.array([[1.0, 1.25, 0.2, 0, np.nan]])
    changed = change(one, np.ones((1, 5)))
    assert changed[0, :3] == pytest.approx(np.log([1, 1.25, 5])) and np.isnan(changed[0, 3:]).all()
    colors = color_change(changed)[0]
    assert colors[:3, 0].tolist() == [0, 255, 255]
    assert (colors[3:, 2] > colors[3:, 0]).all()


def test_points_of_a_sparse_map_spread_and_nearer_ones_win():
    sparse = np.full((20, 20), np.nan)
    sparse[10, 5], sparse[10, 7] = 3, 2
    thick = thicken(sparse, 2)
    assert (thick[9:12, 6:9] == 2).all() and (thick[8:13, 3:5] == 3).all()
    assert thick[10, 4:9].tolist() == [3, 3, 2, 2, 2] and np.isnan(thick[7]).all()
    dense = np.full((20, 20), 4.0)
    dense[:9] = np.nan
    assert np.isnan(thicken(dense, 2)[:9]).all()


@pytest.mark.parametrize("lossless", [True, False])
def test_an_image_lies_within_its_address(lossless):
    rgb = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    head, _, body = data_uri(rgb, lossless).partition(",")
    assert head == "data:image/webp;base64"
    image = Image.open(io.BytesIO(base64.b64decode(body)))
    assert image.size == (7, 9)
    assert (np.asarray(image.convert("RGB")) == rgb).all() == lossless
