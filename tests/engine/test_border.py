import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.border import add_border, border_width, cut_border


@pytest.mark.parametrize("factor", [4, 8])
@pytest.mark.parametrize("size", [(192, 256), (1, 1), (768, 576), (7, 300)])
def test_a_sixteenth_of_the_longer_side_in_whole_latent_pixels(size, factor):
    width = border_width(*size, factor)
    assert width % factor == 0 and max(size) / 16 <= width < max(size) / 16 + factor


@pytest.mark.parametrize("size", [(12, 20), (1, 9), (3, 2), (1, 1)])
def test_what_is_cut_is_what_was_given(size):
    image = torch.rand(1, 3, *size)
    wide = add_border(image, 8)
    assert wide.shape == (1, 3, size[0] + 16, size[1] + 16)
    torch.testing.assert_close(cut_border(wide, 8), image, rtol=0, atol=0)


def test_the_border_mirrors_without_repeating_the_outermost_pixel():
    line = add_border(torch.arange(5.0)[None, None, None].expand(1, 1, 5, 5), 3)[0, 0, 4]
    np.testing.assert_array_equal(line, [3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1])


def test_no_border_is_no_change():
    image = torch.rand(1, 1, 6, 7)
    torch.testing.assert_close(cut_border(add_border(image, 0), 0), image, rtol=0, atol=0)
