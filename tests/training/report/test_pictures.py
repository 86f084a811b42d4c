"""Colours of depth, and images within the page."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from training.report.pictures import colour_depth, colour_ratio, data_uri, depth_range


def test_near_is_bright_and_far_is_dark_and_unknown_is_grey():
    depth = np.array([[0.5, 1, 3, 10, 50, np.nan]])
    colours = colour_depth(depth, 1, 10)[0].astype(int)
    light = colours.sum(axis=1)
    assert (colours[0] == colours[1]).all() and (colours[3] == colours[4]).all()
    assert light[1] > light[2] > light[3]
    assert (colours[5] == 128).all()


def test_a_range_leaves_out_the_ends_and_is_never_empty():
    depth = np.linspace(1, 2, 1000).reshape(20, 50)
    depth[0, 0], depth[0, 1] = 1000, np.nan
    near, far = depth_range(depth)
    assert 1 < near < 1.02 and 1.98 < far < 2
    near, far = depth_range(np.full((3, 3), 4.0))
    assert near == 4 and far > 4


def test_a_ratio_is_black_where_equal():
    one = np.array([[1.0, 1.25, 5.0]])
    assert colour_ratio(one, np.ones((1, 3)))[0, :, 0].tolist() == [0, 255, 255]


def test_an_image_lies_within_its_address():
    rgb = np.full((9, 7, 3), 200, np.uint8)
    head, _, body = data_uri(rgb).partition(",")
    assert head == "data:image/webp;base64"
    image = Image.open(io.BytesIO(base64.b64decode(body)))
    assert image.size == (7, 9)
    assert np.asarray(image.convert("RGB"), int) == pytest.approx(rgb, abs=4)
