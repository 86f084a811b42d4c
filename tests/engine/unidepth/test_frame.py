"""Where a picture lies in what the network sees."""

import pytest
import torch

from sharpdepth_blender.engine.unidepth.v1 import Frame as FrameV1
from sharpdepth_blender.engine.unidepth.v2 import Frame as FrameV2

RELEASED = (0.5, 2.5), (200000, 600000)


@pytest.mark.parametrize(
    "size, inner, corner",
    [
        ((126, 91), (126, 91), (0, 38)),
        ((63, 168), (63, 168), (31, 0)),
        ((252, 100), (126, 50), (0, 59)),
    ],
)
def test_v1_puts_a_picture_in_the_middle_and_what_is_over_below_and_on_the_right(
    size, inner, corner
):
    frame = FrameV1.fit(*size, 126, 168)
    assert frame.inner == inner and (frame.top, frame.left) == corner
    placed = frame.place(torch.ones(1, 1, *size))
    assert placed.shape == (1, 1, 126, 168)
    rows, columns = (placed[0, 0] > 0).nonzero().unbind(1)
    assert (rows.min(), columns.min()) == corner
    assert (rows.max() - rows.min() + 1, columns.max() - columns.min() + 1) == inner


@pytest.mark.parametrize(
    "size, padded, corner",
    [
        ((1080, 1920), (1080, 1920), (0, 0)),
        ((101, 300), (120, 300), (9, 0)),
        ((301, 100), (301, 150), (0, 25)),
        ((303, 100), (303, 151), (0, 25)),
    ],
)
def test_v2_pads_only_long_pictures_and_one_more_below_and_on_the_right(size, padded, corner):
    frame = FrameV2.fit(*size, *RELEASED)
    assert frame.padded == padded and (frame.top, frame.left) == corner
    placed = frame.place(torch.ones(1, 1, *size))
    assert placed.shape[2:] == frame.shape
    again = frame.take(placed)
    assert again.shape[2:] == size
    torch.testing.assert_close(again[:, :, 9:-9, 9:-9], torch.ones_like(again[:, :, 9:-9, 9:-9]))


@pytest.mark.parametrize("size", [(1080, 1920), (4000, 6000), (480, 640), (30, 40), (2000, 500)])
def test_v2_shows_the_network_about_as_many_pixels_as_it_was_trained_on(size):
    height, width = FrameV2.fit(*size, *RELEASED).shape
    assert height % 14 == width % 14 == 0
    assert 200000 * 0.99 <= height * width <= 600000 * 1.06
