import zlib

import numpy as np
import pytest

from sharpdepth_blender.geometry import png_content


def chunks(content):
    """(kind, data) of each chunk, whose checksum is right."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        check = int.from_bytes(content[at + 8 + size : at + 12 + size], "big")
        assert check == zlib.crc32(kind + data)
        yield kind, data
        at += 12 + size


@pytest.mark.parametrize("size", [(1, 1), (64, 3), (131, 57)])
def test_the_pixels_come_back(size):
    """Undone as the specification says."""
    height, width = size
    rgb = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    found = [*chunks(b"".join(png_content(rgb)))]
    assert [found[0][0], found[-1][0]] == [b"IHDR", b"IEND"]
    assert found[0][1] == width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes(
        [8, 2, 0, 0, 0]
    )
    raw = zlib.decompress(b"".join(data for kind, data in found if kind == b"IDAT"))
    lines = np.frombuffer(raw, np.uint8).reshape(height, 1 + 3 * width)
    assert (lines[:, 0] == 1).all()
    again = np.cumsum(lines[:, 1:].reshape(height, width, 3), axis=1, dtype=np.uint8)
    np.testing.assert_array_equal(again, rgb)


@pytest.mark.parametrize(("kind", "channels"), [(np.uint8, 4), (np.uint16, 3), (np.uint16, 4)])
def test_alpha_and_16_bits(kind, channels):
    """Big-endian, and each byte less that of the pixel before it."""
    most = np.iinfo(kind).max
    pixels = np.random.default_rng(0).integers(0, most, (5, 7, channels), dtype=kind, endpoint=True)
    found = [*chunks(b"".join(png_content(pixels)))]
    bits = 8 * pixels.itemsize
    assert found[0][1][8:10] == bytes([bits, {3: 2, 4: 6}[channels]])
    raw = zlib.decompress(b"".join(data for kind, data in found if kind == b"IDAT"))
    lines = np.frombuffer(raw, np.uint8).reshape(5, -1)
    differences = lines[:, 1:].reshape(5, 7, channels * pixels.itemsize)
    again = np.cumsum(differences, axis=1, dtype=np.uint8)
    again = np.ascontiguousarray(again).view(pixels.dtype.newbyteorder(">"))
    np.testing.assert_array_equal(again.reshape(5, 7, channels), pixels)


def test_a_view_of_a_picture_is_encoded_as_it_lies():
    rgb = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    turned = np.rot90(rgb)
    assert png_content(turned) == png_content(turned.copy())
