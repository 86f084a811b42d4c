"""What both versions answer for pictures of every kind, whatever their weights."""

import json
from shutil import copytree

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.unidepth import load_unidepth
from sharpdepth_blender.geometry import Intrinsics

SIZES = [(1, 1), (1, 20), (20, 1), (3, 1), (7, 13), (1, 400), (400, 1), (101, 67), (67, 101)]
LAST = {  # what answers logarithms of depth
    "unidepth_v1_tiny": "pixel_decoder.depth_layer.out2",
    "unidepth_v2_tiny": "pixel_decoder.depth_layer.to_depth_hr",
}


@pytest.fixture(params=["unidepth_v1_tiny", "unidepth_v2_tiny"])
def model(request):
    return request.param


@pytest.fixture
def draw():
    """A picture of noise, (1, 3, height, width)."""

    def picture(height, width, brightest=255):
        generator = torch.Generator().manual_seed(height * width)
        return torch.randint(brightest + 1, (1, 3, height, width), generator=generator).float()

    return picture


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
@pytest.mark.parametrize("given", [True, False], ids=["given", "found"])
def test_a_picture_of_any_size_gets_points_through_its_pixel_centers(
    load, model, draw, size, given
):
    height, width = size
    camera = 0.9 * max(size), 1.1 * max(size), 0.4 * width, 0.6 * height
    intrinsics = Intrinsics(*camera, width, height) if given else None
    estimate = load(model).predict(draw(height, width), intrinsics)
    assert estimate.depth.shape == (1, 1, height, width)
    assert estimate.depth.isfinite().all() and estimate.depth.min() > 0
    if estimate.confidence is not None:
        assert estimate.confidence.shape == estimate.depth.shape
        assert estimate.confidence.isfinite().all() and estimate.confidence.min() > 0
    if given:
        assert estimate.intrinsics == intrinsics
    fx, fy, cx, cy = estimate.intrinsics
    assert (estimate.intrinsics.height, estimate.intrinsics.width) == size
    x, y, z = estimate.points[0].double()
    torch.testing.assert_close(z, estimate.depth[0, 0].double())
    u = (fx * x / z + cx).expand(height, width)
    v = (fy * y / z + cy).expand(height, width)
    centers = np.arange(width) + 0.5, np.arange(height) + 0.5
    np.testing.assert_allclose(u, np.broadcast_to(centers[0], size), atol=1e-3)
    np.testing.assert_allclose(v, np.broadcast_to(centers[1][:, None], size), atol=1e-3)


def test_the_network_sees_the_intrinsics_it_is_given(load, model, draw):
    wide = load(model).predict(draw(60, 80), Intrinsics(60, 60, 40, 30, 80, 60))
    narrow = load(model).predict(draw(60, 80), Intrinsics(240, 240, 40, 30, 80, 60))
    assert (wide.depth / narrow.depth - 1).abs().mean() > 0.01


def test_a_camera_that_cannot_be_is_an_error_unless_one_is_known(release, model, draw):
    network = load_unidepth(release(model))
    camera = network.pixel_decoder.camera_layer
    with torch.no_grad():
        for weights in camera.parameters():
            weights.fill_(torch.nan)
    with pytest.raises(EngineError, match="specify the camera") as error:
        network.predict(draw(60, 80))
    assert error.value.kind == "bad_depth"
    known = Intrinsics(60, 60, 40, 30, 80, 60)
    assert network.predict(draw(60, 80), known).depth.isfinite().all()


@pytest.mark.parametrize("brightest", [0, 5])
def test_a_dark_picture_is_seen_as_dark_as_it_is(load, model, draw, watch, brightest):
    """The release takes values up to 5 for a picture in 0..1, and fails on a black one."""
    picture = draw(126, 168, brightest)
    calls = watch(load(model), "pixel_encoder")
    estimate = load(model).predict(picture)
    assert estimate.depth.isfinite().all() and estimate.depth.min() > 0
    seen = calls["pixel_encoder"][0].inputs[0]
    deviation = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    values = (seen * deviation + mean) * 255
    assert values.max() <= brightest + 1e-3 and values.min() >= -1e-3


@pytest.mark.parametrize(
    "dtype, near", [(torch.float16, 1e-2), (torch.bfloat16, 5e-2)], ids=["half", "bfloat16"]
)
@pytest.mark.parametrize("given", [True, False], ids=["given", "found"])
def test_half_precision_is_close_to_full(release, load, model, golden, watch, dtype, near, given):
    picture = golden(model, "a")["picture"]
    height, width = picture.shape[2:]
    intrinsics = Intrinsics(280, 280, 165, 118, width, height) if given else None
    full = load(model).predict(picture, intrinsics)
    network = load_unidepth(release(model)).to(dtype)
    calls = watch(network, "pixel_encoder", LAST[model])
    half = network.predict(picture, intrinsics)
    assert calls["pixel_encoder"][0].inputs[0].dtype == dtype
    assert half.depth.dtype == half.points.dtype == torch.float32
    assert (half.depth / full.depth - 1).abs().mean() < near
    assert tuple(half.intrinsics) == pytest.approx(tuple(full.intrinsics), rel=2 * near)
    if full.confidence is not None:
        assert half.confidence.dtype == torch.float32
        assert (half.confidence / full.confidence - 1).abs().mean() < near
    # The last layer answers in float32, or smooth depth would come in steps.
    logarithm = calls[LAST[model]][0].output
    assert (logarithm != logarithm.to(dtype)).float().mean() > 0.9


def test_the_network_of_v1_may_be_upright(release, draw, watch, tmp_path):
    folder = copytree(release("unidepth_v1_tiny"), tmp_path / "upright")
    config = json.loads((folder / "config.json").read_text())
    config["data"]["image_shape"].reverse()
    (folder / "config.json").write_text(json.dumps(config))
    network = load_unidepth(folder)
    camera = "pixel_decoder.camera_layer.out"
    calls = watch(network, "pixel_encoder", LAST["unidepth_v1_tiny"], camera)
    estimate = network.predict(draw(80, 60))
    assert calls["pixel_encoder"][0].inputs[0].shape == (1, 3, 168, 126)
    assert calls[LAST["unidepth_v1_tiny"]][0].output.shape == (1, 1, 96, 72)
    assert estimate.depth.shape == (1, 1, 80, 60) and estimate.depth.isfinite().all()
    logarithm = calls[camera][0].output.flatten()[0]  # of fx in halves of the longer side
    fx = float(logarithm.exp()) * 168 / 2 * 80 / 168
    assert estimate.intrinsics.fx == pytest.approx(fx, rel=1e-5)


def test_v1_depth_from_its_own_intrinsics_is_the_same(load, golden):
    case = golden("unidepth_v1_tiny", "a")
    network = load("unidepth_v1_tiny")
    found = network.predict(case["picture"])
    again = network.predict(case["picture"], found.intrinsics)
    torch.testing.assert_close(again.depth, found.depth, rtol=1e-4, atol=0)
