import os

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import (
    DepthFileError,
    SaveError,
    SceneError,
    read_depth_exr,
    write_depth_exr,
)


def sample(height=45, width=61):
    return np.exp(np.random.default_rng(1).uniform(-12, 12, (height, width))).astype(np.float32)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (2, 2), (45, 61), (301, 200)])
def test_round_trip_is_bit_exact(size, tmp_path):
    depth = sample(*size)
    depth.flat[0] = 0
    path = tmp_path / "depth.exr"
    write_depth_exr(path, depth)
    again = read_depth_exr(path)
    assert again.dtype == np.float32
    np.testing.assert_array_equal(again, depth)
    assert os.listdir(tmp_path) == ["depth.exr"]


def test_special_values_survive(tmp_path):
    depth = np.array([[np.nan, np.inf], [-1, 1e-40]], np.float32)
    write_depth_exr(tmp_path / "a.exr", depth)
    np.testing.assert_array_equal(read_depth_exr(tmp_path / "a.exr"), depth)


def test_nothing_stays_behind_in_the_file(tmp_path):
    def everything():
        return {key: len(getattr(bpy.data, key)) for key in ("images", "scenes", "worlds")}

    before = everything()
    write_depth_exr(tmp_path / "a.exr", sample())
    read_depth_exr(tmp_path / "a.exr")
    assert everything() == before


@pytest.mark.parametrize("codec", ["NONE", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "DWAA", "DWAB"])
@pytest.mark.parametrize("bits", ["16", "32"])
def test_other_programs_files(codec, bits, tmp_path, scene):
    depth = sample(40, 300)
    write_depth_exr(tmp_path / "a.exr", depth)
    image = bpy.data.images.load(str(tmp_path / "a.exr"))
    image.colorspace_settings.is_data = True
    settings = scene.render.image_settings
    settings.file_format, settings.color_depth, settings.exr_codec = "OPEN_EXR", bits, codec
    image.save_render(str(tmp_path / "b.exr"), scene=scene)
    again = read_depth_exr(tmp_path / "b.exr")
    assert again.shape == depth.shape
    if bits == "32" and codec in ("NONE", "RLE", "ZIPS", "ZIP", "PIZ"):
        np.testing.assert_array_equal(again, depth)


def test_every_broken_end_is_refused(tmp_path):
    whole, broken = tmp_path / "a.exr", tmp_path / "b.exr"
    write_depth_exr(whole, sample())
    content = whole.read_bytes()
    for length in (*range(0, 600, 7), *range(600, len(content), 509), len(content) - 1):
        broken.write_bytes(content[:length])
        with pytest.raises(DepthFileError, match="b.exr (is broken|is not an EXR)"):
            read_depth_exr(broken)


def test_flipped_bytes_in_the_picture_never_end_the_session(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "a.exr"
    write_depth_exr(path, sample())
    content = path.read_bytes()
    for _ in range(60):
        flipped = bytearray(content)
        for place in rng.integers(600, len(content), 3):
            flipped[place] ^= int(rng.integers(1, 256))
        path.write_bytes(flipped)
        try:
            assert read_depth_exr(path).shape == (45, 61)
        except DepthFileError:
            pass


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_not_an_exr(content, tmp_path):
    path = tmp_path / "a.exr"
    path.write_bytes(content)
    with pytest.raises(DepthFileError, match="not an EXR"):
        read_depth_exr(path)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(DepthFileError, match="cannot be read"):
        read_depth_exr(tmp_path / "none.exr")
    with pytest.raises(DepthFileError, match="cannot be read"):
        read_depth_exr(tmp_path)


def test_multilayer_is_named(tmp_path, scene, add_camera):
    add_camera()
    render = scene.render
    render.engine, scene.cycles.samples = "CYCLES", 1
    render.resolution_x, render.resolution_y = 16, 12
    scene.cycles.use_denoising = False
    scene.view_layers[0].use_pass_z = True
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "MULTI_LAYER_IMAGE"
    render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    render.filepath = str(tmp_path / "layers.exr")
    bpy.ops.render.render(write_still=True)
    with pytest.raises(DepthFileError, match="single-layer|no picture"):
        read_depth_exr(tmp_path / "layers.exr")


def test_unwritable(tmp_path):
    with pytest.raises(SaveError, match="does not exist"):
        write_depth_exr(tmp_path / "none" / "a.exr", sample())
    assert not (tmp_path / "none").exists()
    (tmp_path / "a.exr").mkdir()
    with pytest.raises(SceneError, match="is a folder"):
        write_depth_exr(tmp_path / "a.exr", sample())


def test_a_full_disk_leaves_the_old_file(tmp_path, full_disk):
    path = tmp_path / "a.exr"
    path.write_text("old")
    with full_disk(5000):
        with pytest.raises(SaveError):
            write_depth_exr(path, sample())
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.exr"]
