import numpy as np
import pytest

from sharpdepth_blender.engine.alignment import align

EVERYWHERE = np.ones((20, 30), bool)
AGREED = np.zeros((20, 30), np.float32)


@pytest.fixture
def relative():
    return np.random.default_rng(1).uniform(-1, 1, (20, 30)).astype(np.float32)


def assert_kept(alignment, metric, reason):
    np.testing.assert_array_equal(alignment.depth, metric)
    (note,) = alignment.notes
    assert reason in note and note.endswith("the metric depth is returned unchanged.")
    assert np.isfinite([alignment.scale, alignment.shift]).all()


@pytest.mark.parametrize(("scale", "shift"), [(2, 5), (1e-3, 900), (4000, 9000)])
def test_a_linear_relation_is_found_at_every_magnitude(relative, scale, shift):
    metric = (scale * relative + shift).astype(np.float32)
    alignment = align(relative, metric, AGREED, EVERYWHERE)
    assert alignment.scale == pytest.approx(scale, rel=1e-2 if shift == 900 else 1e-5)
    assert alignment.shift == pytest.approx(shift, rel=1e-5)
    assert alignment.depth.dtype == np.float32
    np.testing.assert_allclose(alignment.depth, metric, rtol=1e-5)
    assert alignment.notes == []


def test_the_fit_equals_numpy_least_squares_on_the_agreeing_pixels(relative):
    random = np.random.default_rng(2)
    metric = (relative + 3 + random.normal(0, 0.2, relative.shape)).astype(np.float32)
    difference = random.uniform(0, 1, relative.shape).astype(np.float32)
    measured = random.uniform(size=relative.shape) > 0.3
    chosen = (difference < 0.5) & measured
    design = np.stack([relative[chosen], np.ones(chosen.sum())], 1).astype(np.float64)
    expected = np.linalg.lstsq(design, metric[chosen].astype(np.float64), rcond=None)[0]
    alignment = align(relative, metric, difference, measured)
    assert (alignment.scale, alignment.shift) == pytest.approx(tuple(expected), rel=1e-9)
    np.testing.assert_array_equal(alignment.valid, chosen)


def test_pixels_that_disagree_do_not_count(relative):
    metric = 2 * relative + 5
    difference = AGREED.copy()
    metric[:, :10], difference[:, :10] = 50, 0.8
    assert align(relative, metric, difference, EVERYWHERE).scale == pytest.approx(2, rel=1e-5)


@pytest.mark.parametrize("agreeing", [0, 1, 5])
def test_too_few_agreeing_pixels(relative, agreeing):
    difference = np.ones_like(AGREED)
    difference.flat[:agreeing] = 0
    assert_kept(align(relative, 2 * relative + 5, difference, EVERYWHERE), 2 * relative + 5, "only")


def test_a_flat_prediction(relative):
    assert_kept(
        align(np.full_like(relative, 0.3), 2 * relative + 5, AGREED, EVERYWHERE),
        2 * relative + 5,
        "predicts constant depth",
    )


@pytest.mark.parametrize("scale", [-1, 0])
def test_a_scale_that_is_not_above_zero(relative, scale):
    metric = np.random.default_rng(3).uniform(4, 5, relative.shape).astype(np.float32)
    prediction = relative
    if scale:
        metric = scale * relative + 5
    else:  # an exact zero: a prediction that is odd about an even depth
        prediction, metric = np.array([[-1.0, 0, 1]]), np.array([[1.0, 2, 1]])
    no_difference = np.zeros(prediction.shape)
    alignment = align(prediction, metric, no_difference, no_difference == 0)
    assert alignment.scale == pytest.approx(scale)
    assert_kept(alignment, metric, "inverted")


def test_a_little_overshoot_keeps_the_metric_depth_there_alone(relative):
    metric = (relative + 1.5).astype(np.float32)
    prediction, difference = relative.copy(), AGREED.copy()
    prediction[0, :7], difference[0, :7] = -3, 1
    alignment = align(prediction, metric, difference, EVERYWHERE)
    np.testing.assert_array_equal(alignment.depth[0, :7], metric[0, :7])
    np.testing.assert_allclose(alignment.depth, metric, rtol=1e-5)
    assert alignment.notes == [
        "7 px have the metric depth, because the sharpened one was not in front of the camera."
    ]


def test_much_overshoot_refuses_the_fit(relative):
    metric = (relative + 1.5).astype(np.float32)
    prediction, difference = relative.copy(), AGREED.copy()
    prediction[:, :8], difference[:, :8] = -3, 1
    assert_kept(align(prediction, metric, difference, EVERYWHERE), metric, "behind the camera")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite(relative, value):
    prediction = relative.copy()
    prediction[2, 2] = value
    assert_kept(align(prediction, relative + 3, AGREED, EVERYWHERE), relative + 3, "not finite")


@pytest.mark.parametrize(("noise", "told"), [(0.05, False), (0.6, True)])
def test_a_fit_that_explains_little_is_told(relative, noise, told):
    random = np.random.default_rng(4)
    metric = 2 + relative * 0.2 + random.uniform(-noise, noise, relative.shape) * 2
    alignment = align(relative, metric.astype(np.float32), AGREED, EVERYWHERE)
    assert [("differ by" in note) for note in alignment.notes] == [True] * told
    assert all("try another model" in note for note in alignment.notes)  # what to do about it
    assert alignment.scale > 0
