"""PNG: colors as a file, encoded by numpy and zlib, which let other threads run."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np

_ROWS = 64  # filtered at a time
_COLORS = {3: 2, 4: 6}  # kinds of color by channels
_LEVEL = 1  # of the compression; more is much slower and little smaller


def png_content(pixels: np.ndarray) -> list[bytes]:
    """A PNG file, in pieces, without anything about colors, which means sRGB.

    Chunks, and the filter "Sub" by which each byte is less that of the pixel before it, are
    those of the PNG specification, 3rd edition, sections 5 and 9.

    Args:
        pixels: (H, W, 3) or, with straight alpha, (H, W, 4); uint8 or uint16; row 0 at the top,
            H and W >= 1.
    """
    height, width, channels = pixels.shape
    bits = 8 * pixels.itemsize
    header = struct.pack(">2I5B", width, height, bits, _COLORS[channels], 0, 0, 0)
    pieces = [b"\x89PNG\r\n\x1a\n", *_chunk(b"IHDR", header)]
    for data in _compressed(pixels):
        pieces += _chunk(b"IDAT", data)
    return [*pieces, *_chunk(b"IEND", b"")]


def _compressed(pixels: np.ndarray) -> Iterator[bytes]:
    compressor = zlib.compressobj(_LEVEL)
    step = pixels.shape[2] * pixels.itemsize
    for top in range(0, len(pixels), _ROWS):
        band = pixels[top : top + _ROWS]
        big_endian = np.ascontiguousarray(band, band.dtype.newbyteorder(">"))
        values = big_endian.view(np.uint8).reshape(len(band), -1)
        lines = np.empty((len(band), 1 + values.shape[1]), np.uint8)
        lines[:, 0] = 1
        lines[:, 1:] = values
        lines[:, 1 + step :] -= values[:, :-step]
        if data := compressor.compress(lines.data):
            yield data
    yield compressor.flush()


def _chunk(kind: bytes, data: bytes) -> list[bytes]:
    check = zlib.crc32(data, zlib.crc32(kind))
    return [struct.pack(">I", len(data)), kind, data, struct.pack(">I", check)]
