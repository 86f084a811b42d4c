"""Depth in pictures of telephones. No program here writes such a file: images stand in for its."""

import numpy as np
import pytest
from PIL import Image

from sharpdepth_blender.engine import picture as module
from sharpdepth_blender.engine.embedded_depth import embedded_depth
from sharpdepth_blender.engine.picture import read_picture


class DepthImage:
    """What pillow-heif opens: an array with what the file says of it."""

    def __init__(self, values, **metadata):
        self._values, self.info = np.asarray(values), {"metadata": metadata}

    def __array__(self, *_, **__):
        return self._values


def test_disparity_is_one_over_meters():
    notes = []
    image = DepthImage(
        np.array([[0, 51, 255]], np.uint8), representation_type=1, d_min=0.5, d_max=3.0
    )
    depth = embedded_depth([image], "a.heic", notes)
    np.testing.assert_allclose(depth, [[2.0, 1.0, 1 / 3]], rtol=1e-6)
    assert depth.dtype == np.float32 and not notes


def test_what_is_at_no_distance_is_a_hole():
    image = DepthImage(
        np.array([[0, 128, 255]], np.uint8), representation_type=1, d_min=-1.0, d_max=1.0
    )
    depth = embedded_depth([image], "a.heic", [])
    assert depth[0, 0] == 0 and depth[0, 2] == 1 and depth[0, 1] == pytest.approx(255, rel=1e-3)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_inverse_depth_between_two_planes(kind):
    most = np.iinfo(kind).max
    image = DepthImage(
        np.array([[0, most // 5, most]], kind), representation_type=0, z_near=1.0, z_far=10.0
    )
    depth = embedded_depth([image], "a.heic", [])
    np.testing.assert_allclose(depth, [[10, 1 / (0.1 + 0.2 * 0.9), 1]], rtol=1e-4)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"representation_type": 1, "d_min": 0.5, "d_max": None},
        {"representation_type": 1, "d_min": 2.0, "d_max": 0.5},
        {"representation_type": 1, "d_min": 0.5, "d_max": np.inf},
        {"representation_type": 2, "z_near": 1.0, "z_far": 10.0},
        {"representation_type": 3, "d_min": 0.5, "d_max": 3.0},
        {"representation_type": 0, "z_near": 0.0, "z_far": 10.0},
    ],
)
def test_depth_of_no_scale_is_a_note(metadata):
    notes = []
    assert (
        embedded_depth([DepthImage(np.eye(3, dtype=np.uint8), **metadata)], "a.heic", notes) is None
    )
    assert notes == ["a.heic holds depth that does not say how far it is, and was not used."]


def test_no_depth_is_no_note():
    notes = []
    assert embedded_depth([], "a.heic", notes) is None and not notes


def test_it_comes_with_the_picture(tmp_path, monkeypatch):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    path = tmp_path / "phone.heic"
    Image.fromarray(np.full((48, 64, 3), 90, np.uint8)).save(path)
    assert read_picture(path).depth is None
    values = np.tile(np.arange(16, dtype=np.uint8), (12, 1))
    shown = DepthImage(values, representation_type=1, d_min=0.5, d_max=3.0)
    opened = module._convert

    def convert(image, *words):
        assert "depth_images" in image.info
        image.info["depth_images"] = [shown]
        return opened(image, *words)

    monkeypatch.setattr(module, "_convert", convert)
    depth = read_picture(path).depth
    np.testing.assert_allclose(depth, 1 / (0.5 + values / 255 * 2.5), rtol=1e-6)
