import numpy as np
import pytest

from sharpdepth_blender.geometry.windows import near_to, share_about


@pytest.mark.parametrize("shape", [(7, 9), (30, 41), (1, 5), (5, 1)])
@pytest.mark.parametrize("radius", [0, 1, 2, 5, 12, 60])
def test_windows_are_squares_inside_the_picture(shape, radius):
    mask = np.random.default_rng(radius).random(shape) > 0.9
    share = np.empty(shape)
    for row, column in np.ndindex(shape):
        rows = slice(max(0, row - radius), row + radius + 1)
        share[row, column] = mask[rows, max(0, column - radius) : column + radius + 1].mean()
    assert np.allclose(share_about(mask, radius), share)
    assert (near_to(mask, radius) == (share > 0)).all()
