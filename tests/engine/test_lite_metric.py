"""The metric model on a pretrained encoder: depth of any picture, its camera, and the sky."""

import pytest
import torch

from sharpdepth_blender.engine.lite_encoder import WIDTHS, LiteEncoder
from sharpdepth_blender.engine.lite_metric import LiteMetricModel
from sharpdepth_blender.engine.rays import camera_rays
from sharpdepth_blender.geometry import Intrinsics


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    small = LiteMetricModel(widths=(8, 8, 16, 16), attention_blocks=1, working_resolution=96)
    return small.eval()


@pytest.mark.parametrize("size", [(60, 91), (200, 31), (96, 96)])
def test_any_size_has_depth_and_sky(model, size):
    picture = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1)) * 255
    camera = Intrinsics.from_fov(60, size[1], size[0])
    answer = model.predict(picture, camera)
    assert answer.depth.shape == answer.sky.shape == (1, 1, *size)
    assert answer.intrinsics == camera and answer.depth.min() > 0
    assert 0 <= answer.sky.min() < answer.sky.max() <= 1


def test_levels_of_the_encoder():
    features = LiteEncoder()(torch.rand(2, 3, 64, 96))
    strides = (4, 8, 16, 32)
    assert [each.shape for each in features] == [
        (2, width, 64 // stride, 96 // stride)
        for width, stride in zip(WIDTHS, strides, strict=True)
    ]


@pytest.mark.parametrize("size", [(64, 96), (96, 64)])
def test_meters_grow_with_the_focal_length(size):
    """As they do for a thing of one size in the picture; here the rays tell nothing else."""
    torch.manual_seed(0)
    model = LiteMetricModel(widths=(8, 8, 16, 16), attention_blocks=1).eval()
    for layer in model.enter:
        torch.nn.init.zeros_(layer.weight[:, -2:])
    height, width = size
    picture = torch.rand(1, 3, height, width)
    with torch.no_grad():
        one, other = (
            model(picture, camera_rays(torch.tensor([[f, f, 40.0, 30.0]]), height, width))
            for f in (48.0, 120.0)
        )
    torch.testing.assert_close(one[0] - one[0].mean(), other[0] - other[0].mean())
    torch.testing.assert_close(
        (other[0] - one[0]).exp().mean(), torch.tensor(2.5), rtol=1e-4, atol=0
    )
    torch.testing.assert_close(one[1], other[1])


class Told(LiteMetricModel):
    """Finds what it is told: a function of the picture and the rays of a batch."""

    def forward(self, picture, rays):
        return self.told(picture, rays)


@pytest.fixture
def told():
    """Return depth, as a network estimates it that finds `log(depth)` and a sky as it is told."""

    def predict(picture, find):
        model = Told(widths=(8, 8, 16, 16), attention_blocks=1, working_resolution=96)
        model.told = find
        height, width = picture.shape[2:]
        return model.predict(picture, Intrinsics.from_fov(60, width, height)).depth

    return predict


@pytest.mark.parametrize("size", [(64, 96), (1500, 1000), (3, 200), (1, 1)])
def test_most_views_of_a_picture_tell_its_scale(told, size):
    def find(picture, rays):
        whole = picture[:, :1] if len(picture) == 1 else picture[:, :1] - 1
        return whole, torch.full_like(whole, -5.0)

    depth = told(torch.full((1, 3, *size), 255.0), find)
    torch.testing.assert_close(depth, torch.full_like(depth, 1.0), rtol=1e-4, atol=0)


def test_views_that_agree_change_nothing(told):
    """Here depth is the brightness of the picture, but for not quite half of the views."""
    picture = torch.linspace(0, 255, 96)[None, None, :, None].expand(1, 3, 96, 96)

    def find(picture, rays):
        logarithm = picture[:, :1].clone()
        if len(picture) > 1:
            logarithm[: len(picture) // 2 - 1] += 3
        return logarithm, torch.full_like(logarithm, -5.0)

    depth = told(picture, find)
    torch.testing.assert_close(depth, (picture[:, :1] / 255).exp(), rtol=0.02, atol=0)


def test_views_of_the_sky_have_no_say(told):
    """It fills the upper half, where every view would add one."""
    rows = torch.arange(96)[:, None] < 48

    def find(picture, rays):
        above = picture[:, :1] > 0.5
        logarithm = torch.zeros_like(picture[:, :1])
        if len(picture) > 1:
            logarithm = torch.where(above, 1.0, 0.5)
        return logarithm, torch.where(above, 5.0, -5.0)

    picture = (255.0 * rows).expand(1, 3, 96, 96).contiguous()
    depth = told(picture, find)
    torch.testing.assert_close(depth, torch.full_like(depth, 0.5).exp(), rtol=1e-4, atol=0)


def test_half_precision_is_close(model):
    picture = torch.rand(1, 3, 64, 96) * 255
    camera = Intrinsics.from_fov(70, 96, 64)
    full = model.predict(picture, camera).depth
    half = LiteMetricModel.from_config(model.config).eval()
    half.load_state_dict(model.state_dict())
    coarse = half.bfloat16().predict(picture, camera).depth.float()
    assert ((coarse / full).log().abs() < 0.1).all()
