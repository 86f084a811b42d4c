import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import round_to_24_bits
from sharpdepth_blender.scene.picture import (
    depth_file,
    image_values,
    new_depth_image,
    new_picture,
)


def reopen(tmp_path):
    path = str(tmp_path / "a.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)


@pytest.mark.parametrize("bits", [24, 32])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (37, 53), (256, 256)])
def test_depth_is_bit_exact_after_reopening(size, bits, tmp_path):
    rng = np.random.default_rng(0)
    depth = np.exp(rng.uniform(-10, 10, size)).astype(np.float32)
    depth[:, size[1] // 2 :] = np.linspace(1, 2, size[0], dtype=np.float32)[:, None]
    depth.flat[0] = 0.0
    depth.flat[-1] = 16777217.0 / 3
    if bits == 24:
        depth = round_to_24_bits(depth)
    image = new_depth_image("depth", depth)
    image.use_fake_user = True
    assert image.packed_file and image.is_float and image.colorspace_settings.is_data
    np.testing.assert_array_equal(image_values(image)[..., 0], depth)
    reopen(tmp_path)
    image = bpy.data.images["depth"]
    assert image.is_float and image.colorspace_settings.name == "Non-Color"
    for channel in range(3):
        np.testing.assert_array_equal(image_values(image)[..., channel], depth)


def test_depth_is_kept_once_and_not_in_four_channels():
    rng = np.random.default_rng(0)
    depth = rng.uniform(1, 2, (400, 300)).astype(np.float32)
    image = new_depth_image("depth", depth)
    assert image.packed_file.size < 1.1 * depth.nbytes
    assert not image.is_dirty


def test_depth_of_24_bits_takes_less_than_half():
    rows, columns = np.mgrid[:300, :400]
    noise = np.random.default_rng(0).standard_normal(rows.shape)
    depth = np.exp(1 + 0.002 * rows + 0.001 * columns + 1e-5 * noise).astype(np.float32)
    small, large = (len(depth_file(each)) for each in (round_to_24_bits(depth), depth))
    assert small < 0.5 * large


def test_picture_is_byte_exact_after_reopening(tmp_path):
    values = np.arange(256, dtype=np.uint8)
    rgb = np.stack(
        [
            np.tile(values, (5, 1)),
            np.tile(values[::-1], (5, 1)),
            np.tile(np.roll(values, 7), (5, 1)),
        ],
        -1,
    )
    rgb[0] = 9  # tells top from bottom
    new_picture("picture", rgb).use_fake_user = True
    reopen(tmp_path)
    image = bpy.data.images["picture"]
    assert not image.is_float and image.packed_file and image.colorspace_settings.name == "sRGB"
    np.testing.assert_array_equal(np.round(image_values(image)[..., :3] * 255), rgb)
