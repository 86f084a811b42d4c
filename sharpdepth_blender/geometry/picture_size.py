"""Picture size: what the header of a file says, before anybody decodes it."""

import struct
from typing import BinaryIO

# Markers of a JPEG's frame, which holds its size: all but DHT, JPG and DAC of 0xC0 to 0xCF.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_MOST_SEGMENTS = 10_000
_WIDTH, _HEIGHT = 256, 257  # tags of a TIFF
_SHORT = 3  # TIFF's type of two bytes


def picture_size(file: BinaryIO) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG or TIFF, whose small files may be very large pictures.

    The headers are those of PNG (ISO/IEC 15948), JPEG (ITU-T T.81) and TIFF 6.0.

    Args:
        file: At its beginning.

    Returns:
        Pixels; None for a file of another kind, or a damaged one.
    """
    start = file.read(24)
    try:
        if start[:8] == b"\x89PNG\r\n\x1a\n":
            return struct.unpack(">II", start[16:24])
        if start[:2] == b"\xff\xd8":
            return _of_jpeg(file)
        if start[:4] in (b"II*\0", b"MM\0*"):
            return _of_tiff(file, start)
    except struct.error:
        pass  # it breaks off
    return None


def _of_jpeg(file: BinaryIO) -> tuple[int, int] | None:
    file.seek(2)
    for _ in range(_MOST_SEGMENTS):
        mark, kind = struct.unpack("BB", file.read(2))
        if mark != 0xFF:
            return None
        if kind == 0xFF:  # a byte to fill up
            file.seek(-1, 1)
        elif kind in _FRAMES:
            _, _, height, width = struct.unpack(">HBHH", file.read(7))
            return width, height
        elif kind not in _ALONE:
            (length,) = struct.unpack(">H", file.read(2))
            file.seek(max(length - 2, 0), 1)
    return None


def _of_tiff(file: BinaryIO, start: bytes) -> tuple[int, int] | None:
    order = "<" if start[:2] == b"II" else ">"
    file.seek(struct.unpack(order + "I", start[4:8])[0])
    (count,) = struct.unpack(order + "H", file.read(2))
    found = {}
    for tag, kind, _, value in struct.iter_unpack(order + "HHI4s", file.read(12 * count)):
        if tag in (_WIDTH, _HEIGHT):
            form = "H" if kind == _SHORT else "I"
            (found[tag],) = struct.unpack_from(order + form, value)
    return (found[_WIDTH], found[_HEIGHT]) if len(found) == 2 else None
