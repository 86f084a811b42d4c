import numpy as np
import pytest

pytest.importorskip("skimage")

from training.metrics import bootstrap_interval  # noqa: E402

pytestmark = pytest.mark.filterwarnings("error")


def test_a_frame_a_scene_gives_the_interval_of_the_normal_distribution():
    values = np.random.default_rng(0).normal(5, 2, 400)
    low, high = bootstrap_interval(values, range(400), seed=1, draws=4000)
    error = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - error, values.mean() + error), rel=0.01)


def test_more_frames_of_the_same_scenes_tell_nothing_new():
    values = np.random.default_rng(0).normal(0, 1, 30)
    once = bootstrap_interval(values, range(30), seed=7)
    again = bootstrap_interval(np.tile(values, 9), np.tile(range(30), 9), seed=7)
    assert again == pytest.approx(once)
    as_if_new = bootstrap_interval(np.tile(values, 9), range(270), seed=7)
    assert np.diff(as_if_new) < 0.5 * np.diff(once)


def test_a_scene_weighs_as_much_as_it_has_frames():
    """Ten long scenes of 0 and ten short ones of 1: a tenth of all frames, half of the scenes."""
    values, scenes = [0] * 90 + [1] * 10, [*range(10)] * 9 + [*range(10, 20)]
    low, high = bootstrap_interval(values, scenes, seed=0)
    assert 0 < low < 0.1 < high < 0.3


def test_scenes_may_have_names():
    assert bootstrap_interval([1, 1, 1, 5], ["a", "a", "a", "b"], seed=0) == (1, 5)


def test_what_could_not_be_measured_is_left_out():
    values, scenes = [1.0, 2.0, 4.0], ["a", "b", "c"]
    expected = bootstrap_interval(values, scenes, seed=3)
    assert bootstrap_interval([*values, np.nan, np.nan], [*scenes, "a", "d"], seed=3) == expected


def test_a_paired_difference_is_surer_than_its_parts():
    rng = np.random.default_rng(0)
    hardness = rng.normal(0, 5, 60)
    ours, theirs = hardness + rng.normal(1, 0.1, 60), hardness + rng.normal(1.2, 0.1, 60)
    assert np.ptp(bootstrap_interval(ours, range(60), seed=0)) > 1
    low, high = bootstrap_interval(ours - theirs, range(60), seed=0)
    assert -0.3 < low < high < -0.1


def test_the_seed_decides():
    values, scenes = np.random.default_rng(0).normal(size=20), range(20)
    assert bootstrap_interval(values, scenes, 1) == bootstrap_interval(values, scenes, 1)
    assert bootstrap_interval(values, scenes, 1) != bootstrap_interval(values, scenes, 2)


@pytest.mark.parametrize("values", [[], [3.0], [1.0, 2.0], [np.nan, np.nan]])
def test_fewer_than_two_scenes_have_no_interval(values):
    assert np.isnan(bootstrap_interval(values, ["one"] * len(values), seed=0)).all()


def test_two_scenes_of_which_one_was_not_measured_are_one():
    assert np.isnan(bootstrap_interval([1.0, np.nan], ["a", "b"], seed=0)).all()
