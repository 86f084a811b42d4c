import os
import struct
import subprocess
import sys
import zlib
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from PIL import ExifTags, Image

from sharpdepth_blender.engine import picture as module
from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.picture import read_picture, read_size
from sharpdepth_blender.geometry import reduction
from tests.color_profiles import (
    DISPLAY_P3,
    SRGB_CURVE,
    rgb_profile,
)
from tests.engine.camera_files import EXIF, camera_file

SHADES = np.random.default_rng(0).integers(0, 256, (8, 12, 3), dtype=np.uint8)


def reject(path, kind="bad_image"):
    with pytest.raises(EngineError) as error:
        read_picture(path)
    assert error.value.kind == kind
    message = error.value.message
    assert path.name in message
    assert "\n" not in message and message.endswith(".") and ". " not in message
    return message


# Kinds that must work


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "tga", "ppm", "webp", "jp2"])
def test_lossless_color(tmp_path, suffix):
    path = tmp_path / f"picture.{suffix}"
    Image.fromarray(SHADES).save(path, **({"lossless": True} if suffix == "webp" else {}))
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.rgb, SHADES)
    assert picture.rgb.dtype == np.uint8 and picture.rgb.flags.writeable
    assert picture.focal_35mm is None and picture.notes == []


def test_jpeg_with_an_odd_name(tmp_path):
    path = tmp_path / "ein Bild — 写真.JPG"
    smooth = np.add.outer(np.arange(64), np.arange(48)).astype(np.uint8)
    Image.fromarray(smooth).save(path, quality=95)
    picture = read_picture(str(path))
    assert picture.rgb.shape == (64, 48, 3)
    assert np.abs(picture.rgb[..., 1].astype(int) - smooth).max() < 6


def test_gray_and_bilevel(tmp_path):
    Image.fromarray(SHADES[..., 0]).save(tmp_path / "gray.png")
    np.testing.assert_array_equal(
        read_picture(tmp_path / "gray.png").rgb, SHADES[..., :1].repeat(3, 2)
    )
    Image.fromarray(SHADES[..., 0] > 99).save(tmp_path / "bits.png")
    bits = read_picture(tmp_path / "bits.png").rgb
    np.testing.assert_array_equal(bits[..., 2] == 255, SHADES[..., 0] > 99)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bit_gray_is_scaled_not_clipped(tmp_path, suffix):
    deep = np.linspace(0, 65535, 96).astype(np.uint16).reshape(8, 12)
    Image.fromarray(deep).save(tmp_path / f"deep.{suffix}")
    picture = read_picture(tmp_path / f"deep.{suffix}")
    np.testing.assert_array_equal(picture.rgb[..., 0], np.rint(deep / 257).astype(np.uint8))
    assert picture.notes == []


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bit_color_is_scaled_not_clipped(tmp_path, suffix):
    deep = np.linspace(0, 65535, 8 * 12 * 3).astype(">u2").reshape(8, 12, 3)
    write = {"png": sixteen_bit_png, "tif": sixteen_bit_tiff}[suffix]
    (tmp_path / f"deep.{suffix}").write_bytes(write(deep))
    rgb = read_picture(tmp_path / f"deep.{suffix}").rgb
    assert np.abs(rgb - deep / 257.0).max() <= 1


def sixteen_bit_png(deep):
    """A 16-bit RGB PNG, which Pillow reads but does not write."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    height, width = deep.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def sixteen_bit_tiff(deep):
    """The smallest 16-bit RGB TIFF: header, one directory, three depths, the pixels."""
    height, width = deep.shape[:2]
    depths_at = 8 + 2 + 12 * 9 + 4
    pixels_at = depths_at + 6
    short, long = 3, 4
    tags = [
        (256, short, 1, width << 16),  # a short lies in the first half of its four bytes
        (257, short, 1, height << 16),
        (258, short, 3, depths_at),
        (259, short, 1, 1 << 16),
        (262, short, 1, 2 << 16),
        (273, long, 1, pixels_at),
        (277, short, 1, 3 << 16),
        (278, long, 1, height),
        (279, long, 1, deep.nbytes),
    ]
    directory = b"".join(struct.pack(">HHII", *tag) for tag in tags)
    head = b"MM\0*" + struct.pack(">IH", 8, len(tags)) + directory + bytes(4)
    return head + struct.pack(">HHH", 16, 16, 16) + deep.tobytes()


def test_float_tiff_from_0_to_1(tmp_path):
    values = np.linspace(0, 1, 96, dtype=np.float32).reshape(8, 12)
    Image.fromarray(values).save(tmp_path / "float.tif")
    picture = read_picture(tmp_path / "float.tif")
    np.testing.assert_array_equal(picture.rgb[..., 0], np.rint(values * 255).astype(np.uint8))
    assert picture.notes == []


def test_float_tiff_of_another_range_is_stretched_with_a_note(tmp_path):
    Image.fromarray(np.linspace(-3, 40, 96, dtype=np.float32).reshape(8, 12)).save(
        tmp_path / "f.tif"
    )
    picture = read_picture(tmp_path / "f.tif")
    assert picture.rgb.min() == 0 and picture.rgb.max() == 255
    assert "stretched" in picture.notes[0]


def test_palette(tmp_path):
    image = Image.fromarray(SHADES).quantize(16)
    image.save(tmp_path / "palette.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "palette.png").rgb, image.convert("RGB"))


def test_cmyk(tmp_path):
    ink = Image.merge("CMYK", [Image.new("L", (12, 8), level) for level in (255, 0, 0, 0)])
    ink.save(tmp_path / "ink.jpg", quality=100)
    red, green, blue = read_picture(tmp_path / "ink.jpg").rgb.mean((0, 1))
    assert red < 5 and green > 250 and blue > 250


def test_what_is_transparent_is_put_over_black(tmp_path):
    alpha = np.full((8, 12, 1), 255, np.uint8)
    Image.fromarray(np.concatenate([SHADES, alpha], 2)).save(tmp_path / "opaque.png")
    assert read_picture(tmp_path / "opaque.png").notes == []
    alpha[:4], alpha[4] = 0, 51
    Image.fromarray(np.concatenate([SHADES, alpha], 2)).save(tmp_path / "cut.png")
    picture = read_picture(tmp_path / "cut.png")
    np.testing.assert_array_equal(picture.rgb[5:], SHADES[5:])
    np.testing.assert_array_equal(picture.rgb[4], np.rint(SHADES[4] / 5))
    assert not picture.rgb[:4].any()
    assert picture.notes == ["What is transparent in the picture was put over black."]


def test_palette_with_a_transparent_color(tmp_path):
    Image.fromarray(SHADES).quantize(8).save(tmp_path / "key.png", transparency=0)
    assert "transparent" in read_picture(tmp_path / "key.png").notes[0]


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "tif"])
def test_of_many_frames_the_first(tmp_path, suffix):
    frames = [Image.new("RGB", (12, 8), color) for color in ("red", "green", "blue")]
    path = tmp_path / f"moving.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    picture = read_picture(path)
    assert picture.rgb[4, 6, 0] > 240 and picture.rgb[4, 6, 1:].max() < 15
    assert picture.notes == [f"moving.{suffix} contains 3 pictures; the first one is used."]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, orientation):
    upright = np.array([[[250, 0, 0], [0, 250, 0], [0, 0, 250]], [[9, 9, 9]] * 3], np.uint8)
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "turned.png", exif=exif)
    picture = read_picture(tmp_path / "turned.png")
    np.testing.assert_array_equal(picture.rgb, upright)
    assert picture.turned == (orientation > 1) and not picture.converted


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "bmp"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "I;16", "CMYK", "1"])
def test_what_is_too_large_is_read_smaller(tmp_path, monkeypatch, mode, suffix):
    monkeypatch.setattr(reduction, "MOST_PIXELS", 64 * 40)
    v, u = np.mgrid[:101, :161]
    image = Image.fromarray((u + v // 2).astype(np.uint8))
    if mode == "I;16":
        image = Image.fromarray((u + v // 2).astype(np.uint16) * 257)
    elif mode != "L":
        image = image.convert(mode)
    path = tmp_path / f"large.{suffix}"
    try:
        image.save(path)
    except (OSError, ValueError):
        pytest.skip("there is no such file")
    picture = read_picture(path)
    assert picture.rgb.shape == (26, 41, 3) and picture.full_size == (161, 101)
    assert read_size(path) == (41, 26)
    assert picture.notes[0] == f"large.{suffix} has 161 x 101 pixels and is used at 41 x 26."
    if mode in ("RGB", "L"):
        expected = (4 * u + 2 * v)[:26, :41] + 2.0
        assert np.abs(picture.rgb[..., 1] - expected)[:-1, :-1].max() < 9


def test_what_is_too_large_keeps_its_turn_and_its_lens(tmp_path, monkeypatch):
    monkeypatch.setattr(reduction, "MOST_PIXELS", 64 * 40)
    tags = {EXIF.FocalLengthIn35mmFilm: 28, EXIF.ExifImageWidth: 160, EXIF.ExifImageHeight: 100}
    picture = camera_file(tmp_path / "camera.jpg", (160, 100), tags, orientation=6)
    assert picture.rgb.shape == (40, 25, 3) and picture.focal_35mm == 28
    assert picture.full_size == (100, 160)
    assert picture.notes == ["camera.jpg has 100 x 160 pixels and is used at 25 x 40."]
    assert read_size(tmp_path / "camera.jpg") == (25, 40)


def test_a_jpeg_is_made_smaller_while_it_is_read(tmp_path, monkeypatch):
    """Only so a huge one costs no memory."""
    monkeypatch.setattr(reduction, "MOST_PIXELS", 64 * 40)
    monkeypatch.setattr(module, "MOST_DECODED", 64 * 40)
    Image.new("RGB", (320, 200)).save(tmp_path / "large.jpg")
    assert read_picture(tmp_path / "large.jpg").rgb.shape == (25, 40, 3)
    Image.new("RGB", (320, 200)).save(tmp_path / "large.png")
    assert "megapixels, too many" in reject_sentence(tmp_path / "large.png")


@pytest.mark.parametrize("most", [64 * 40, 10**9])
def test_what_does_not_fit_into_memory_is_refused(tmp_path, monkeypatch, most):
    """Whether it is to be made smaller or not."""
    monkeypatch.setattr(reduction, "MOST_PIXELS", most)
    memory = SimpleNamespace(available=8 * 320 * 200 - 1)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    Image.new("RGB", (320, 200)).save(tmp_path / "large.png")
    assert "not enough memory is free" in reject_sentence(tmp_path / "large.png")
    memory.available += 1
    assert read_picture(tmp_path / "large.png")


def reject_sentence(path):
    with pytest.raises(EngineError) as error:
        read_picture(path)
    assert error.value.kind == "bad_image"
    return error.value.message


@pytest.mark.parametrize("orientation", [1, 6])
def test_heic(tmp_path, orientation):
    """How it is turned is for HEIF itself to say (ISO 23008-12), and not for EXIF."""
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    v, u = np.mgrid[:48, :64]
    smooth = np.stack([3 * u, 4 * v, 2 * u + v], -1).astype(np.uint8)
    exif = Image.Exif()
    exif[EXIF.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif)[EXIF.FocalLengthIn35mmFilm] = 26
    profile = rgb_profile(DISPLAY_P3, SRGB_CURVE, "Display P3")
    path = tmp_path / "phone.heic"
    Image.fromarray(smooth).save(path, quality=95, exif=exif, icc_profile=profile)
    picture = read_picture(path)
    assert picture.rgb.shape == (48, 64, 3) and read_size(path) == (64, 48)
    assert picture.focal_35mm == 26 and picture.converted
    assert picture.notes == ["The colors of phone.heic were converted from Display P3 to sRGB."]


def test_heic_that_is_cut_short(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    Image.fromarray(SHADES.repeat(8, 0).repeat(8, 1)).save(tmp_path / "phone.heic")
    content = (tmp_path / "phone.heic").read_bytes()
    for share in (0.2, 0.5, 0.9):
        (tmp_path / "cut.heic").write_bytes(content[: int(share * len(content))])
        with pytest.raises(EngineError):
            read_picture(tmp_path / "cut.heic")


def test_heic_without_its_package_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_register_heif", lambda: False)
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99))
    assert "lacks the package pillow-heif" in reject(tmp_path / "phone.heic", "unknown_format")


@pytest.mark.parametrize("color", ["black", "white"])
@pytest.mark.parametrize("size", [(2, 2), (2, 4000), (4000, 2)])
def test_the_smallest_pictures_in_one_color(tmp_path, size, color):
    Image.new("RGB", size, color).save(tmp_path / "plain.png")
    assert read_picture(tmp_path / "plain.png").rgb.shape == (size[1], size[0], 3)


# Kinds that must be refused


def test_missing(tmp_path):
    assert "File not found" in reject(tmp_path / "nowhere.jpg")


def test_folder(tmp_path):
    assert "is a folder" in reject(tmp_path)


def test_empty(tmp_path):
    (tmp_path / "empty.jpg").touch()
    assert "is an empty file" in reject(tmp_path / "empty.jpg")


@pytest.mark.skipif(sys.platform == "win32", reason="has no such files")
def test_no_file_at_all(tmp_path):
    """A pipe would be waited for, a device read for ever."""
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "device.jpg").symlink_to("/dev/zero")
    for name in ("pipe.jpg", "device.jpg"):
        assert reject(tmp_path / name) == f"{name} is a device or a pipe, not a picture."


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "bmp"])
def test_cut_short(tmp_path, suffix):
    path = tmp_path / f"cut.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (80, 90, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    reject(path)


@pytest.mark.parametrize(
    "content",
    [b"hello world\n" * 99, b"%PDF-1.7\n", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"],
)
def test_not_an_image(tmp_path, content):
    (tmp_path / "text.png").write_bytes(content)
    assert "not a picture" in reject(tmp_path / "text.png", "unknown_format")


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1)])
def test_too_thin_for_a_surface(tmp_path, size):
    Image.new("RGB", size).save(tmp_path / "strip.png")
    assert f"{size[0]} x {size[1]}" in reject(tmp_path / "strip.png")


def test_no_pixels(tmp_path):
    header = struct.pack(
        "<2sIHHIIiiHHIIiiII", b"BM", 54, 0, 0, 54, 40, 0, 0, 1, 24, 0, 0, 0, 0, 0, 0
    )
    (tmp_path / "none.bmp").write_bytes(header)
    reject(tmp_path / "none.bmp", "unknown_format")


def test_decompression_bomb(tmp_path):
    small = sixteen_bit_png(np.zeros((2, 2, 3), ">u2"))
    header = struct.pack(">II", 60000, 60000) + small[24:29]
    bomb = small[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + small[33:]
    (tmp_path / "bomb.png").write_bytes(bomb)
    assert "megapixels" in reject(tmp_path / "bomb.png")


def test_nan_in_a_float_tiff(tmp_path):
    Image.fromarray(np.full((8, 12), np.nan, np.float32)).save(tmp_path / "nan.tif")
    assert "NaN" in reject(tmp_path / "nan.tif")


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "gif", "bmp", "tga", "jp2", "ppm"])
def test_damaged_files_are_read_or_refused_but_nothing_else(tmp_path, suffix):
    random = np.random.default_rng(7)
    whole = tmp_path / f"whole.{suffix}"
    Image.fromarray(SHADES.repeat(3, 0).repeat(3, 1)).save(whole)
    content = np.frombuffer(whole.read_bytes(), np.uint8)
    path = tmp_path / f"damaged.{suffix}"
    for _ in range(60):
        damaged = content.copy()
        places = random.integers(0, len(content) if random.random() < 0.5 else 64, 6)
        damaged[places % len(content)] = random.integers(0, 256, 6)
        path.write_bytes(damaged.tobytes()[: random.integers(1, len(content) + 1)])
        try:
            assert read_picture(path).rgb.ndim == 3
        except EngineError as error:
            assert error.kind in ("bad_image", "unknown_format")


def test_reading_a_picture_does_not_import_torch():
    code = "import sys, sharpdepth_blender.engine.picture; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
