"""EXR: float channels of any name, as compositing programs read them.

Blender writes EXR files too, but under channel names of its own. The layout is that of the OpenEXR
file format documentation: one part of scan lines, ZIP blocks of 16 rows.
"""

import os
import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from ..files import atomic_write

# Chromaticities are eight floats, a matrix sixteen.
Attribute = str | float | Sequence[float]

_MAGIC, _VERSION, _LONG_NAMES = 0x01312F76, 2, 0x400
_HALF, _FLOAT, _ZIP, _INCREASING_Y = 1, 2, 3, 0
_ROWS = 16  # in one block of this compression
_LEVEL = 4  # of the compression; more is much slower and little smaller


def write_exr(
    path: str | os.PathLike[str],
    channels: Mapping[str, np.ndarray],
    *,
    pixel_aspect: float = 1.0,
    attributes: Mapping[str, Attribute] | None = None,
    frame: tuple[int, int, int, int] | None = None,
) -> None:
    """Write a scan-line EXR, beside `path` first and then in its place.

    Args:
        path: File to write.
        channels: Name -> (H, W), row 0 at the top: float16 is stored as 16-bit half, all else as
            float32, bit for bit. A name is `R`, or `layer.channel`.
        pixel_aspect: Width of a pixel over its height.
        attributes: Name -> a string, a float, eight floats that are chromaticities: x and y of
            red, green, blue and white, or sixteen that are a matrix, row by row.
        frame: (left, top, width, height) of the display window within the channels, which go on
            beyond it as overscan; None for all of them.

    Raises:
        ValueError: There is no channel, or their shapes differ.
        OSError: The file cannot be written.
    """
    content = exr_content(channels, pixel_aspect=pixel_aspect, attributes=attributes, frame=frame)
    with atomic_write(path) as beside, open(beside, "wb") as file:
        file.writelines(content)


def exr_content(
    channels: Mapping[str, np.ndarray],
    *,
    pixel_aspect: float = 1.0,
    attributes: Mapping[str, Attribute] | None = None,
    frame: tuple[int, int, int, int] | None = None,
) -> list[bytes]:
    """What `write_exr` writes, in pieces; the arguments are the same.

    Raises:
        ValueError: There is no channel, or their shapes differ.
    """
    names = sorted(channels, key=str.encode)  # the order that the format asks for
    shapes = {np.shape(channels[name]) for name in names}
    shape = next(iter(shapes), ())
    if len(shapes) != 1 or len(shape) != 2 or 0 in shape:
        raise ValueError(f"`channels` must share one shape (H, W), not {shapes or 'be none'}.")
    stored = [_stored(channels[name]) for name in names]
    rows = np.concatenate([each.view(np.uint8).reshape(shape[0], -1) for each in stored], axis=1)
    left, top, width, height = frame or (0, 0, shape[1], shape[0])
    data = -left, -top, shape[1] - left - 1, shape[0] - top - 1
    windows = data, (0, 0, width - 1, height - 1)
    kinds = [_HALF if each.itemsize == 2 else _FLOAT for each in stored]
    header = _header(names, kinds, windows, pixel_aspect, attributes or {})
    blocks = [_block(rows, first, first - top) for first in range(0, shape[0], _ROWS)]
    first = len(header) + 8 * len(blocks)
    offsets = first + np.cumsum([0, *map(len, blocks[:-1])])
    return [header, offsets.astype("<u8").tobytes(), *blocks]


def _stored(values: np.ndarray) -> np.ndarray:
    """(H, W) as the file holds them, in one piece."""
    values = np.asarray(values)
    return np.ascontiguousarray(values, "<f2" if values.dtype == np.float16 else "<f4")


def _header(
    names: list[str],
    kinds: list[int],
    windows: tuple[tuple[int, ...], tuple[int, ...]],
    pixel_aspect: float,
    attributes: Mapping[str, Attribute],
) -> bytes:
    data, display = (struct.pack("<4i", *window) for window in windows)
    channels = [
        _text(name) + struct.pack("<iB3xii", kind, 0, 1, 1)
        for name, kind in zip(names, kinds, strict=True)
    ]
    entries = {
        "channels": ("chlist", b"".join(channels) + b"\0"),
        "compression": ("compression", bytes([_ZIP])),
        "dataWindow": ("box2i", data),
        "displayWindow": ("box2i", display),
        "lineOrder": ("lineOrder", bytes([_INCREASING_Y])),
        "pixelAspectRatio": ("float", struct.pack("<f", pixel_aspect)),
        "screenWindowCenter": ("v2f", struct.pack("<2f", 0, 0)),
        "screenWindowWidth": ("float", struct.pack("<f", 1)),
    }
    for name, value in attributes.items():
        if isinstance(value, str):
            entries[name] = ("string", value.encode())
        elif isinstance(value, (int, float)):
            entries[name] = ("float", struct.pack("<f", value))
        else:
            kind = {8: "chromaticities", 16: "m44f"}[len(value)]
            entries[name] = (kind, struct.pack(f"<{len(value)}f", *value))
    longest = max(len(name.encode()) for name in [*names, *entries])
    version = _VERSION | (_LONG_NAMES if longest > 31 else 0)
    parts = [struct.pack("<II", _MAGIC, version)]
    for name, (kind, data) in entries.items():
        parts += [_text(name), _text(kind), struct.pack("<i", len(data)), data]
    return b"".join([*parts, b"\0"])


def _text(name: str) -> bytes:
    return name.encode() + b"\0"


def _block(rows: np.ndarray, first: int, y: int) -> bytes:
    """One chunk: where its first row is, its length, its rows of one channel after the other."""
    raw = rows[first : first + _ROWS].ravel()
    # As the format has it: low and high bytes apart, then each less the one before it.
    apart = np.concatenate([raw[0::2], raw[1::2]])
    apart[1:] -= apart[:-1] + np.uint8(128)
    data = zlib.compress(apart, _LEVEL)
    if len(data) >= len(raw):
        data = raw.tobytes()
    return struct.pack("<ii", y, len(data)) + data
