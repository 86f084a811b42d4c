"""The images of one picture."""

import base64
import io

import numpy as np
import pytest

pytest.importorskip("torch")
from PIL import Image

from tests.training.report.conftest import depth_map
from training.baselines import ALIGNED, METRIC, SHARPENED, SHARPENER
from training.report.sample_pictures import Shown
from training.report.views import draw_views

CAMERA = np.array([60.0, 60, 32, 24])


def picture(height, width):
    truth = depth_map(height, width)
    depths = {METRIC: truth + 1, ALIGNED: truth + 2, SHARPENER: truth + 3, SHARPENED: truth.copy()}
    rgb = np.full((height, width, 3), 200, np.uint8)
    return Shown("hall", rgb, truth, CAMERA * width / 64, depths)


def opened(uri):
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_sliders_are_large_and_thumbnails_small():
    views = draw_views(picture(500, 1000))
    assert (views.width, views.height) == (500, 250)
    assert {opened(uri).size for uri in (*views.maps.values(), *views.points.values())} == {
        (500, 250)
    }
    assert {opened(look[0]).size for look in views.strip.values()} == {(250, 125)}
    small = draw_views(picture(600, 800))
    assert (small.width, small.height) == (800, 600)  # every pixel, where they are few enough


def test_a_depth_map_of_two_depths_has_two_colors():
    views = draw_views(picture(48, 64))
    assert len(opened(views.maps[SHARPENED]).convert("RGB").getcolors()) == 2


@pytest.mark.filterwarnings("error")
def test_holes_in_a_prediction_do_not_draw_the_closer_look():
    shown = picture(80, 80)
    shown.depths[METRIC][:] = shown.depths[SHARPENED]
    shown.depths[METRIC][60:, 60:] *= 1.1
    shown.depths[METRIC][:20, :20], shown.depths[SHARPENED][20:40, :20] = 0, np.nan
    closer = np.asarray(opened(draw_views(shown).strip["change"][1]).convert("RGB"))
    assert closer.shape == (20, 20, 3) and 90 < closer.min() < 130  # the tenth, and no hole


def test_what_is_missing_is_none():
    shown = picture(48, 64)
    for method in (METRIC, ALIGNED, SHARPENER):
        del shown.depths[method]
    views = draw_views(shown)
    assert list(views.maps) == [SHARPENED]
    missing = [name for name, look in views.strip.items() if look is None]
    assert missing == [METRIC, ALIGNED, SHARPENER, "change"]
    assert views.strip["truth"] and views.strip[SHARPENED]


def test_sparse_truth_is_thickened_to_be_seen_but_not_as_points():
    shown = picture(48, 64)
    scattered = np.random.default_rng(0).random(shown.truth.shape) > 0.05
    shown.truth[scattered] = np.nan
    views = draw_views(shown)
    truth = np.asarray(opened(views.strip["truth"][0]).convert("RGB"))
    unknown = (truth == 128).all(axis=-1).mean()
    assert unknown < 0.5
    points = np.asarray(opened(views.strip["truth as points"][0]).convert("RGB"))
    assert (points == points[0, 0]).all(axis=-1).mean() > 0.5
