"""EXR: float channels of any name, as compositing programs read them.

Blender writes EXR files too, but under channel names of its own. The layout is that of the OpenEXR
file format documentation: one part of scan lines, blocks of 16 rows under ZIP or PXR24.
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
_HALF, _FLOAT, _ZIP, _PXR24, _INCREASING_Y = 1, 2, 3, 5, 0
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
    compact: bool = False,
) -> list[bytes]:
    """What `write_exr` writes, in pieces; the arguments are the same.

    Args:
        channels: See `write_exr`.
        pixel_aspect: Likewise.
        attributes: Likewise.
        frame: Likewise.
        compact: Whether to take PXR24 where it keeps every bit: where all float32 is as
            `round_to_24_bits` makes it. It takes much less where values change smoothly.

    Raises:
        ValueError: There is no channel, or their shapes differ.
    """
    names = sorted(channels, key=str.encode)  # the order that the format asks for
    shapes = {np.shape(channels[name]) for name in names}
    shape = next(iter(shapes), ())
    if len(shapes) != 1 or len(shape) != 2 or 0 in shape:
        raise ValueError(f"`channels` must share one shape (H, W), not {shapes or 'be none'}.")
    stored = [_stored(channels[name]) for name in names]
    short = compact and all(each.itemsize == 2 or _has_24_bits(each) for each in stored)
    raw = np.concatenate([each.view(np.uint8).reshape(shape[0], -1) for each in stored], axis=1)
    eased = np.concatenate([_steps(each) for each in stored], axis=1) if short else None
    left, top, width, height = frame or (0, 0, shape[1], shape[0])
    data = -left, -top, shape[1] - left - 1, shape[0] - top - 1
    windows = data, (0, 0, width - 1, height - 1)
    kinds = [_HALF if each.itemsize == 2 else _FLOAT for each in stored]
    header = _header(names, kinds, windows, pixel_aspect, attributes or {}, short)
    starts = range(0, shape[0], _ROWS)
    blocks = [_block(raw, eased, first, first - top) for first in starts]
    first = len(header) + 8 * len(blocks)
    offsets = first + np.cumsum([0, *map(len, blocks[:-1])])
    return [header, offsets.astype("<u8").tobytes(), *blocks]


def round_to_24_bits(values: np.ndarray) -> np.ndarray:
    """The nearest float32 whose lowest eight bits are zero: off by a share of 2^-16 at most.

    Sixteen bits remain of the significand, as many as PXR24 keeps. Of values as near to each
    other the one that is larger in magnitude is taken. Larger than 3.40e38 becomes infinite, and
    what is not a number stays not finite or becomes zero.
    """
    bits = np.asarray(values, np.float32).view(np.uint32)
    return ((bits + np.uint32(128)) & np.uint32(0xFFFFFF00)).view(np.float32)


def _has_24_bits(values: np.ndarray) -> bool:
    return not (values.view("<u4") & np.uint32(255)).any()


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
    short: bool,
) -> bytes:
    data, display = (struct.pack("<4i", *window) for window in windows)
    channels = [
        _text(name) + struct.pack("<iB3xii", kind, 0, 1, 1)
        for name, kind in zip(names, kinds, strict=True)
    ]
    entries = {
        "channels": ("chlist", b"".join(channels) + b"\0"),
        "compression": ("compression", bytes([_PXR24 if short else _ZIP])),
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


def _block(raw: np.ndarray, eased: np.ndarray | None, first: int, y: int) -> bytes:
    """One chunk: where its first row is, its length, its rows of one channel after the other."""
    rows = raw[first : first + _ROWS].ravel()
    if eased is None:
        # As the format has it: low and high bytes apart, then each less the one before it.
        apart = np.concatenate([rows[0::2], rows[1::2]])
        apart[1:] -= apart[:-1] + np.uint8(128)
    else:
        apart = eased[first : first + _ROWS]
    data = zlib.compress(apart, _LEVEL)
    if len(data) >= len(rows):
        data = rows.tobytes()
    return struct.pack("<ii", y, len(data)) + data


def _steps(values: np.ndarray) -> np.ndarray:
    """(H, n) bytes of a channel for PXR24: each value less the one to its left, high bytes first.

    Of each row first the high byte of all, then the lower ones. A float's lowest is left out.
    """
    half = values.itemsize == 2
    whole = values.view("<u2") if half else values.view("<u4") >> np.uint32(8)
    shifts = (8, 0) if half else (16, 8, 0)
    steps = whole.copy()
    steps[:, 1:] -= whole[:, :-1]
    return np.concatenate([(steps >> shift).astype(np.uint8) for shift in shifts], axis=1)
