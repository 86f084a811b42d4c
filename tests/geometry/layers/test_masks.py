"""Masks by hand: which layer pixels belong to, whatever their depth."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.layers import SKY, Cut, split_layers
from sharpdepth_blender.geometry.layers.labels import DROPPED, label_pixels
from tests.geometry.layers.street import inside, laid_over, street

CUT = Cut.at((2, 6), sky=40.0, near=0.5)
DEPTH = np.array([[1, 1, 4, 4, 9, 9, 50, 0.2]], np.float32).repeat(4, 0)


def mask(**values):
    """Of the row, NaN but for a few columns, as in c3=1."""
    made = np.full(DEPTH.shape, np.nan, np.float32)
    for name, value in values.items():
        made[:, int(name[1:])] = value
    return made


def labels(cut=CUT, **masks):
    numbers = {"first": 0, "second": 1, "third": 2, "sky": SKY}
    return label_pixels(DEPTH, cut, {numbers[key]: each for key, each in masks.items()})[0][1]


def test_depth_decides_where_no_mask_does():
    assert labels().tolist() == [0, 0, 1, 1, 2, 2, 3, DROPPED]
    assert labels(second=mask()).tolist() == labels().tolist()


def test_a_mask_claims_pixels_of_any_depth():
    found = labels(second=mask(c0=1, c4=0.5, c6=1, c7=1))
    assert found.tolist() == [1, 0, 1, 1, 1, 2, 1, 1]
    _, depth = label_pixels(DEPTH, CUT, {SKY: mask(c2=1)})
    assert depth[1].tolist() == pytest.approx([1, 1, 0, 4, 9, 9, 0, 0.2])


def test_a_mask_refuses_pixels_which_go_to_the_next_in_depth():
    assert labels(second=mask(c2=0, c3=0.4)).tolist() == [0, 0, 2, 2, 2, 2, 3, DROPPED]
    # 4 m lie nearer to 6 m than to 2 m, in ratio; where the third refuses too, they are the first.
    assert labels(second=mask(c2=0), third=mask(c2=0))[2] == 0
    assert labels(sky=mask(c6=0))[6] == 2
    everywhere = np.zeros_like(DEPTH)
    all_refuse = labels(first=everywhere, second=everywhere, third=everywhere, sky=everywhere)
    assert all_refuse.tolist() == labels().tolist()  # somebody must have them


def test_the_surest_of_several_masks_has_a_pixel_and_else_the_first():
    found = labels(first=mask(c4=0.7, c5=1), third=mask(c4=0.9, c5=1))
    assert found[4:6].tolist() == [2, 0]
    assert labels(first=mask(c2=1), second=mask(c2=0))[2] == 0


def test_a_mask_of_two_layers_is_parted_by_depth():
    both = mask(c0=0, c1=1, c2=1, c4=0, c6=1)
    found = labels(first=both, second=both, third=mask(c4=0))
    assert found.tolist() == [2, 0, 1, 1, 3, 2, 1, DROPPED]


def test_masks_go_by_ids_and_not_by_order():
    first, second, third = CUT.layers
    found = labels(Cut((third, first, second), near=0.5), second=mask(c0=1))
    assert found.tolist() == [2, 1, 2, 2, 0, 0, 3, DROPPED]


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"shape \(4, 8\)"):
        label_pixels(DEPTH, CUT, {0: np.ones((2, 2), np.float32)})


@pytest.mark.parametrize("number", [0, 2, SKY])
def test_what_a_mask_claims_is_seen_in_that_layer_and_the_picture_stays_whole(number):
    picture, depth, camera = street(160, 90)
    claimed = np.full(depth.shape, np.nan, np.float32)
    claimed[10:25, 20:90] = 1  # of the sky and the wall
    cut = Cut.at((3.6, 10.5), move=0.2)
    layers = split_layers(picture, depth, camera, cut, masks={number: claimed})
    (mine,) = (layer for layer in layers if layer.id == number)
    assert inside(mine, camera)[12:23, 24:86, 3].min() == 1
    again, clear = laid_over(layers, camera)
    error = 255 * np.abs(again - picture)
    assert clear.max() == 0
    assert error.mean() < 0.1 and np.quantile(error, 0.999) < 4, (error.mean(), error.max())
    if mine.depth is not None:
        assert (mine.depth[mine.depth > 0] > 0.5).all() and np.isfinite(mine.depth).all()
