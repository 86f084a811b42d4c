"""What Blender does not survive is refused by every way that loads a file."""

import io
import struct
import sys
import zlib

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import exr_content, png_content
from sharpdepth_blender.geometry.picture_size import picture_size
from sharpdepth_blender.scene import loading
from sharpdepth_blender.scene.errors import DamagedFile, LargeFile
from sharpdepth_blender.scene.exr_layout import check_whole
from sharpdepth_blender.scene.loading import load_image
from sharpdepth_blender.scene.plates.errors import UnreadableFile
from sharpdepth_blender.scene.source import Source, open_image


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "a.0001.exr"
    content = b"".join(exr_content({"R": np.ones((40, 50), np.float32)}))
    path.write_bytes(content[: len(content) // 2])
    return path


def test_an_exr_that_breaks_off_is_never_handed_to_blender(broken):
    before = len(bpy.data.images)
    for load in (load_image, open_image):
        with pytest.raises(DamagedFile, match="a.0001.exr is damaged or breaks off"):
            load(broken)
    assert len(bpy.data.images) == before


@pytest.mark.parametrize("user", [False, True])
def test_a_frame_that_breaks_off_is_named(broken, tmp_path, user):
    """As one that a renderer still writes."""
    whole = tmp_path / "a.0002.exr"
    whole.write_bytes(b"".join(exr_content({"R": np.ones((40, 50), np.float32)})))
    image = bpy.data.images.load(str(whole))
    image.source = "SEQUENCE"
    source = Source(image)
    assert source.read(bpy.context.scene, 2).rgb.shape == (40, 50, 3)
    with pytest.raises(DamagedFile, match="a.0001.exr"):
        source.read(bpy.context.scene, 1)
    bpy.data.images.remove(image)


def test_deep_pixels_and_unknown_compression_are_left_to_blender(tmp_path):
    content = b"".join(exr_content({"R": np.ones((4, 5), np.float32)}))
    place = content.index(b"compression\0compression\0") + 28
    path = tmp_path / "new.exr"
    path.write_bytes(content[:place] + bytes([77]) + content[place + 1 :])
    check_whole(path)


@pytest.mark.parametrize("kind, pixel", [("png", 4), ("hdr", 16), ("exr", 16)])
def test_memory_that_is_not_free_is_not_taken(tmp_path, monkeypatch, kind, pixel):
    """Blender would end of it; the engine's process may yet read the file, or tells why not."""
    path = tmp_path / f"a.{kind}"
    if kind == "png":
        path.write_bytes(b"".join(png_content(np.zeros((11, 37, 3), np.uint8))))
    elif kind == "hdr":
        path.write_bytes(
            b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 11 +X 37\n" + bytes(4 * 11 * 37)
        )
    else:
        path.write_bytes(b"".join(exr_content({"R": np.ones((11, 37), np.float32)})))
    free = 2 * pixel * 11 * 37
    monkeypatch.setattr(loading, "_free_memory", lambda: free - 1)
    with pytest.raises(UnreadableFile if kind == "png" else LargeFile):
        open_image(path)
    with pytest.raises(RuntimeError if kind == "png" else LargeFile):
        load_image(path)
    monkeypatch.setattr(loading, "_free_memory", lambda: free)
    assert tuple(load_image(path).size) == (37, 11)


def test_linux_tells_how_much_memory_is_free():
    assert 1 << 20 < loading._free_memory() < 1 << 50 or sys.platform != "linux"


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "big-endian tiff", "cut", "none"])
def test_sizes_of_headers(tmp_path, kind):
    path = tmp_path / "picture"
    scene = bpy.data.scenes.new("files")
    image = bpy.data.images.new("picture", 37, 11)
    scene.render.image_settings.file_format = "JPEG" if kind == "jpeg" else "TIFF"
    if kind in ("png", "cut"):
        path.write_bytes(b"".join(png_content(np.zeros((11, 37, 3), np.uint8))))
    else:
        image.save_render(str(path), scene=scene)
    bpy.data.images.remove(image)
    bpy.data.scenes.remove(scene)
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:19])
    if kind == "none":
        path.write_bytes(b"text")
    if kind == "big-endian tiff":
        path.write_bytes(b"MM\0*\0\0\0\x08\0\2\1\0\0\4\0\0\0\1\0\0\0\x25\1\1\0\3\0\0\0\1\0\x0b\0\0")
    with path.open("rb") as file:
        assert picture_size(file) == (None if kind in ("cut", "none") else (37, 11))


@pytest.mark.parametrize("kind", ["BMP", "IRIS", "CINEON", "DPX", "HDR"])
def test_sizes_of_headers_of_other_kinds(tmp_path, kind):
    scene = bpy.data.scenes.new("files")
    image = bpy.data.images.new("picture", 37, 11)
    scene.render.image_settings.file_format = kind
    image.save_render(str(tmp_path / "picture"), scene=scene)
    bpy.data.images.remove(image)
    bpy.data.scenes.remove(scene)
    with (tmp_path / "picture").open("rb") as file:
        assert picture_size(file) == (37, 11)


# What Blender does not write, or in another order of bytes.
HEADERS = {
    "gif": b"GIF89a\x25\0\x0b\0",
    "upside down bmp": b"BM" + bytes(16) + struct.pack("<ii", 37, -11),
    "psd": b"8BPS\0\1" + bytes(6) + struct.pack(">HII", 3, 11, 37),
    "dds": b"DDS " + struct.pack("<4I", 124, 7, 11, 37),
    "little dpx": b"XPDS" + bytes(768) + struct.pack("<II", 37, 11),
    "little cineon": b"\xd7\x5f\x2a\x80" + bytes(196) + struct.pack("<II", 37, 11),
    "jp2": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x16ihdr" + struct.pack(">II", 11, 37),
    "codestream": b"\xff\x4f\xff\x51" + bytes(4) + struct.pack(">II", 37, 11),
    "ppm": b"P6\n# made by\n# hand\n37 11\n255\n",
    "pfm": b"PF 37 11 -1.0\n",
}


@pytest.mark.parametrize("kind", HEADERS)
def test_sizes_of_written_headers(kind):
    assert picture_size(io.BytesIO(HEADERS[kind])) == (37, 11)
    assert picture_size(io.BytesIO(HEADERS[kind][:6])) is None


def test_a_small_file_of_many_pixels_is_not_decoded(tmp_path):
    """40,000 x 40,000 of one bit each are 200 kB, and took Blender 14 GB and half a minute."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    rows = zlib.compressobj(1)
    data = b"".join(rows.compress(bytes(5001)) for _ in range(40_000)) + rows.flush()
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )
    with pytest.raises(RuntimeError, match="too large"):
        load_image(path)
