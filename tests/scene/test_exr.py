import os
import struct

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import write_exr
from sharpdepth_blender.scene import (
    DepthFileError,
    SaveError,
    SceneError,
    read_depth_exr,
    write_depth_exr,
)
from sharpdepth_blender.scene.exr import depth_channel, exr_channels
from sharpdepth_blender.scene.exr_layout import LayoutError, read_parts


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


@pytest.mark.parametrize("codec", ["NONE", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "DWAA"])
def test_layers_of_a_render(codec, tmp_path, scene, add_camera):
    """The depth pass of Blender's own multilayer file, 2 meters before the camera."""
    camera = add_camera()
    mesh = bpy.data.meshes.new("Wall")
    corners = [(-0.9, -0.9, -2), (0.9, -0.9, -2), (0.9, 0.9, -2), (0, 0.9, -2)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    scene.collection.objects.link(bpy.data.objects.new("Wall", mesh))
    camera.location = 0, 0, 0
    render = scene.render
    render.engine, scene.cycles.samples = "CYCLES", 1
    render.resolution_x, render.resolution_y = 17, 33
    scene.cycles.use_denoising = False
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_normal = layer.use_pass_position = True
    settings = render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.exr_codec = codec
    settings.color_depth = "32"
    path = tmp_path / "layers.exr"
    render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    if codec == "DWAA":
        with pytest.raises(DepthFileError, match="compressed by DWA"):
            read_depth_exr(path)
        return
    depth = read_depth_exr(path)
    assert depth.shape == (33, 17)
    there = depth < 1e9
    assert 0.4 < there.mean() < 0.95 and (depth[~there] > 9e9).all()  # the corner is cut off
    np.testing.assert_allclose(depth[there], 2, rtol=1e-4 if codec == "PXR24" else 1e-6)
    assert not there[0, 0] and there[-1].all()
    (name,) = (each for each in exr_channels(path) if "Depth" in each)
    np.testing.assert_array_equal(read_depth_exr(path, name.lower()), depth)
    position = [each for each in exr_channels(path) if each.endswith("Position.Z")]
    np.testing.assert_allclose(read_depth_exr(path, position[0])[there], -2, rtol=1e-4)
    with pytest.raises(DepthFileError, match="has no channel Albedo.R, but .*Depth"):
        read_depth_exr(path, "Albedo.R")


def test_every_channel_of_ours(tmp_path):
    channels = {name: sample() for name in ("R", "G", "B", "depth.Z", "metric_depth.Z", "a.Z")}
    channels = {name: values * n for n, (name, values) in enumerate(channels.items(), 1)}
    write_exr(tmp_path / "a.exr", channels)
    assert exr_channels(tmp_path / "a.exr") == sorted(channels)
    for name, values in channels.items():
        np.testing.assert_array_equal(read_depth_exr(tmp_path / "a.exr", name), values)
    np.testing.assert_array_equal(read_depth_exr(tmp_path / "a.exr"), channels["depth.Z"])


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (["B", "G", "R"], None, "R"),
        (["B", "G", "R", "Z"], None, "Z"),
        (["Y"], None, "Y"),
        (["B", "G", "R", "depth.Z", "metric_depth.Z"], None, "depth.Z"),
        (["B", "G", "R", "depth.Z", "metric_depth.Z"], "METRIC_DEPTH.z", "metric_depth.Z"),
        (["V.Combined.R", "V.Denoising Depth.Z", "V.Depth.Z", "V.N.Z"], None, "V.Depth.Z"),
        (["V.Combined.R", "V.Depth.A", "V.Depth.B", "V.Depth.V"], None, "V.Depth.V"),
        (["rgba.R", "depth.Z", "normal.Z"], None, "depth.Z"),
        (["shot.distance"], None, "shot.distance"),
        (["A", "depth", "N.Z"], None, "depth"),
        (["B", "G", "R", "N.Z"], None, None),
        (["B", "G", "R"], "Z", None),
    ],
)
def test_the_channel_of_depth(names, wanted, found):
    if found is None:
        with pytest.raises(LayoutError, match="B, G, R"):
            depth_channel(names, wanted)
    else:
        assert depth_channel(names, wanted) == found


def several_parts(path, depth):
    """A file of two parts, of which the second one is the depth and is smaller than the frame."""
    write_exr(path, {"R": depth * 0, "G": depth, "B": depth})
    color = path.read_bytes()
    write_exr(path, {"Z": depth})
    alone = path.read_bytes()

    def attribute(name, kind, data):
        return name + b"\0" + kind + b"\0" + struct.pack("<i", len(data)) + data

    heads, blocks = [], []
    for number, (content, name) in enumerate([(color, b"rgb"), (alone, b"depth")]):
        (part,) = read_parts(content)
        end = int(part.starts[0]) - 8 - 8 * len(part.starts)  # where the table begins
        head = content[8 : end - 1]
        head += attribute(b"name", b"string", name)
        head += attribute(b"type", b"string", b"scanlineimage")
        head += attribute(b"chunkCount", b"int", struct.pack("<i", len(part.starts)))
        if name == b"depth":
            old = struct.pack("<4i", 0, 0, depth.shape[1] - 1, depth.shape[0] - 1)
            new = struct.pack("<4i", -2, -1, depth.shape[1] + 3, depth.shape[0] - 5)
            place = head.index(b"displayWindow") + len(b"displayWindow\0box2i\0") + 4
            assert head[place : place + 16] == old
            head = head[:place] + new + head[place + 16 :]
        heads.append(head + b"\0")
        ends = [int(start) - 8 for start in part.starts[1:]] + [len(content)]
        for start, end in zip(part.starts, ends, strict=True):
            blocks.append(struct.pack("<i", number) + content[int(start) - 8 : end])
    head = struct.pack("<II", 20000630, 2 | 0x1000) + b"".join(heads) + b"\0"
    first = len(head) + 8 * len(blocks)
    offsets = first + np.cumsum([0, *map(len, blocks[:-1])])
    path.write_bytes(head + offsets.astype("<u8").tobytes() + b"".join(blocks))


def test_several_parts_and_a_data_window(tmp_path):
    depth = sample()
    path = tmp_path / "parts.exr"
    several_parts(path, depth)
    assert exr_channels(path) == ["rgb.B", "rgb.G", "rgb.R", "depth.Z"]
    found = read_depth_exr(path)
    wanted = np.zeros((42, 67), np.float32)
    wanted[1:, 2:63] = depth[:41]
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(read_depth_exr(path, "rgb.G"), depth)
    content = path.read_bytes()
    for length in (*range(0, 900, 13), *range(900, len(content), 1009), len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(DepthFileError, match="(is broken|is not an EXR)"):
            read_depth_exr(path)


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
