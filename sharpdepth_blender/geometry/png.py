"""PNG: 8-bit colors as a file, encoded by numpy and zlib, which let other threads run."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np

_ROWS = 64  # filtered at a time
_LEVEL = 1  # of the compression; more is much slower and little smaller


def png_content(rgb: np.ndarray) -> list[bytes]:
    """A PNG file, in pieces, without anything about colors, which means sRGB.

    Chunks, and the filter "Sub" by which each byte is less the one of the pixel before it, are
    those of the PNG specification, 3rd edition, sections 5 and 9.

    Args:
        rgb: (H, W, 3) uint8, row 0 at the top, H and W >= 1.
    """
    height, width = rgb.shape[:2]
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    pieces = [b"\x89PNG\r\n\x1a\n", *_chunk(b"IHDR", header)]
    for data in _compressed(rgb):
        pieces += _chunk(b"IDAT", data)
    return [*pieces, *_chunk(b"IEND", b"")]


def _compressed(rgb: np.ndarray) -> Iterator[bytes]:
    compressor = zlib.compressobj(_LEVEL)
    for top in range(0, len(rgb), _ROWS):
        band = rgb[top : top + _ROWS]
        lines = np.empty((len(band), 1 + 3 * band.shape[1]), np.uint8)
        lines[:, 0] = 1
        lines[:, 1:] = band.reshape(len(band), -1)
        lines[:, 4:] -= band[:, :-1].reshape(len(band), -1)
        if data := compressor.compress(lines.data):
            yield data
    yield compressor.flush()


def _chunk(kind: bytes, data: bytes) -> list[bytes]:
    check = zlib.crc32(data, zlib.crc32(kind))
    return [struct.pack(">I", len(data)), kind, data, struct.pack(">I", check)]
