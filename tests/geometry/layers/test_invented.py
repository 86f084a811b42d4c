"""What layers show where the picture does not show them."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.fill import Encoding, fill_texture
from sharpdepth_blender.geometry.layers import Cut, fill_job, split_layers
from sharpdepth_blender.geometry.srgb import to_linear
from tests.geometry.layers.street import inside, laid_over, street

CUT = Cut.at((3.6, 10.5), edge=3, move=0.3)


def offset(layer, camera):
    k = layer.intrinsics
    return round(k.cy - camera.cy), round(k.cx - camera.cx)


def within(mask, layer, camera):
    """The picture's part of a mask of a layer."""
    top, left = offset(layer, camera)
    return mask[top : top + camera.height, left : left + camera.width]


@pytest.mark.parametrize("size", [(160, 90), (91, 160)])
@pytest.mark.parametrize("edge", [0, 3])
def test_what_is_invented_may_be_anything(size, edge):
    """And the layers still make the picture again."""
    picture, depth, camera = street(*size)
    layers = split_layers(picture, depth, camera, Cut.at((3.6, 10.5), edge=edge, move=0.3))
    assert any(within(layer.invented, layer, camera).any() for layer in layers[1:])
    before, _ = laid_over(layers, camera)
    for layer in layers:
        layer.rgba[layer.invented, :3] = np.random.default_rng(0).random(3)
    after, clear = laid_over(layers, camera)
    assert clear.max() == 0 and np.abs(after - before).max() < 1e-6


def test_known_is_what_the_picture_shows_of_a_layer_alone():
    picture, depth, camera = street(320, 180)
    layers = split_layers(picture, depth, camera, CUT)
    total = np.zeros(depth.shape, int)
    for layer in layers:
        known = within(layer.known, layer, camera)
        total += known
        assert layer.known.sum() == known.sum()  # nothing beyond the borders
        assert not (layer.known & layer.invented).any()
        assert np.abs(inside(layer, camera)[known, :3] - picture[known]).max() < 1e-3
        shown = layer.rgba[..., 3] > 0
        top, left = offset(layer, camera)
        beyond = np.ones(shown.shape, bool)
        beyond[top : top + camera.height, left : left + camera.width] = False
        assert (layer.invented[beyond] == shown[beyond]).all()
    assert total.max() == 1 and (total == 1).mean() > 0.8


def test_nothing_is_mirrored_at_the_borders():
    """Beyond a border with a mark near it there is no second mark."""
    picture, depth, camera = street(160, 90)
    depth[:] = 5
    picture[:] = 0.5
    picture[30:60, 3:5] = picture[30:60, -5:-3] = [1, 0, 0]
    picture[4:6, 60:90] = [1, 0, 0]
    for layer in split_layers(picture, depth, camera, Cut.at((3.6, 10.5), move=0.4)):
        if layer.share == 0:
            continue
        red = layer.rgba[..., 0] - layer.rgba[..., 1]
        assert layer.invented.any() and (red[layer.known] > 0.9).any()
        assert red[layer.invented].max() < 0.5


def test_grain_goes_on_where_nothing_was_seen():
    picture, depth, camera = street(320, 180)
    depth = np.where(depth == 0, np.float32(30), depth)
    noisy = picture + np.random.default_rng(0).normal(0, 0.03, picture.shape)
    noisy = noisy.clip(0.002, 0.998).astype(np.float32)
    for values, is_linear in ((noisy, False), (to_linear(noisy).astype(np.float32), True)):
        layers = split_layers(values, depth, camera, CUT, is_linear=is_linear)
        layer = layers[-1]
        top, left = offset(layer, camera)
        band = layer.rgba[2 : top - 2, left + 40 : left + 280, :3]
        assert layer.invented[2 : top - 2].all()
        band = Encoding(1.0 if is_linear else None).encode(band)
        assert np.diff(band, axis=1).std() / np.sqrt(2) == pytest.approx(0.03, rel=0.35)


def test_a_fill_is_given_this_layer_and_what_is_behind_it_alone():
    picture, depth, camera = street(320, 180)
    layers = split_layers(picture, depth, camera, CUT)
    for index, layer in enumerate(layers):
        job = fill_job(layers, index, False)
        assert (job.known <= job.usable).all() and not (job.hole & job.known).any()
        usable = within(job.usable, layer, camera)
        assert job.usable.sum() == usable.sum() > 0
        top, left = offset(layer, camera)
        source = job.source[:, top : top + camera.height, left : left + camera.width]
        assert np.abs(source[:, usable].T - picture[usable]).max() < 0.01
        if index:  # neither the red ball nor the yellow post
            red = source[0] - source[1]
            assert red[usable].max() < 0.45
        assert (source[:, ~usable] == 0).all()
        filled = fill_texture(job.values, job.known, job.hole, job.source, job.usable)
        assert (filled[:, job.known] == job.values[:, job.known]).all()


def test_the_stamp_of_a_job_tells_what_changed():
    picture, depth, camera = street(160, 90)
    stamps = []
    for cut, shift in ((CUT, 0), (CUT, 0), (CUT.with_layer(1, name="wall"), 0), (CUT, 0.1),
                       (Cut.at((3.6, 10.5), move=0.2), 0)):  # fmt: skip
        layers = split_layers((picture + shift).astype(np.float32), depth, camera, cut)
        stamps.append(fill_job(layers, 2, False).stamp)
    assert stamps[0] == stamps[1] == stamps[2]
    assert len({stamps[0], stamps[3], stamps[4]}) == 3


def test_linear_light_comes_back_as_it_was():
    light = np.geomspace(1e-4, 40, 3 * 500).reshape(3, 20, 25).astype(np.float32)
    known = np.ones((20, 25), bool)
    encoding = Encoding.of(light, known, True)
    encoded = encoding.encode(light)
    assert 0.95 < np.quantile(encoded, 0.999) <= 1.01
    np.testing.assert_allclose(encoding.decode(encoded), light, rtol=1e-4)
    dim = Encoding.of(light / 100, known, True)
    assert dim.white == 1.0
    plain = Encoding.of(light, known, False)
    assert (plain.encode(light) == light).all() and plain.decode(light).max() == 1
