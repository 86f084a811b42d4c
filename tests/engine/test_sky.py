"""The probability of sky at picture size: edges of the picture, and what is told."""

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.sky import bring_sky_near, enlarge_sky, sky_notes


def test_edges_are_those_of_the_picture():
    """A roof line between the samples of the small map."""
    y, x = torch.meshgrid(torch.arange(96), torch.arange(128), indexing="ij")
    true = y < 30 + x // 4
    picture = torch.where(true, 0.9, 0.2).expand(3, -1, -1).contiguous()
    small = torch.nn.functional.avg_pool2d(true[None, None].float(), 8)[0, 0]
    found = enlarge_sky(small, picture)
    assert found.shape == (96, 128) and 0 <= found.min() and found.max() <= 1
    smooth = torch.nn.functional.interpolate(small[None, None], (96, 128), mode="bilinear")[0, 0]
    wrong = ((found > 0.5) != true).float().mean()
    assert wrong < 0.004 and wrong < 0.5 * ((smooth > 0.5) != true).float().mean()


@pytest.mark.parametrize(("share", "told"), [(0.0, False), (0.04, False), (0.1, True)])
def test_much_doubt_is_told(share, told):
    sky = np.zeros((10, 100), np.float32)
    sky[:5] = 1
    sky[5:, : int(200 * share)] = 0.5
    notes = sky_notes(sky)
    assert bool(notes) == told
    if told:
        assert "10% of the picture" in notes[0]


def test_the_sky_takes_no_range_from_what_is_on_the_ground():
    depth = torch.linspace(2, 12, 400).view(1, 1, 20, 20).repeat(3, 1, 1, 1)
    sky = torch.zeros_like(depth)
    sky[0, :, :5], sky[1] = 0.9, 0.9  # in part of the first, all over the second
    depth[0, :, :5] = 270
    near = bring_sky_near(depth, sky)
    assert torch.equal(near[1:], depth[1:]) and torch.equal(near[0, :, 5:], depth[0, :, 5:])
    behind = near[0, :, :5].unique()
    assert len(behind) == 1 and 1.2 * 12 < behind < 1.25 * 12
