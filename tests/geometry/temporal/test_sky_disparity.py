"""The disparity that parts the sky from all else."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.temporal import sky_disparity


def test_it_lies_between_what_is_apart():
    assert sky_disparity(np.zeros(40), np.linspace(0.5, 3, 70)) == pytest.approx(0.25)


def test_a_few_wrong_samples_do_not_move_it_far():
    rng = np.random.default_rng(0)
    sky, ground = rng.uniform(0, 0.2, 1000), rng.uniform(0.3, 4, 5000)
    sky[:20], ground[:100] = 2.0, 0.05
    assert 0.19 < sky_disparity(sky, ground) < 0.32


def test_what_is_mixed_or_missing_gives_none():
    same = np.linspace(0, 1, 100)
    assert sky_disparity(same, same) is None
    assert sky_disparity(1 + same, same) is None  # the sky would be nearest
    assert sky_disparity(np.zeros(0), same) is None and sky_disparity(same, np.zeros(0)) is None
    assert sky_disparity(np.zeros(3), np.zeros(5)) is None
