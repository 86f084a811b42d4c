"""Picture size: what the header of a file says, before anybody decodes it."""

import re
import struct
from typing import BinaryIO

# Markers of a JPEG's frame, which holds its size: all but DHT, JPG and DAC of 0xC0 to 0xCF.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_MOST_SEGMENTS = 10_000
_WIDTH, _HEIGHT = 256, 257  # tags of a TIFF
_SHORT = 3  # TIFF's type of two bytes
# Kinds that have their size at one place: how they begin, where, how, and whether height is first.
_AT_A_PLACE = (
    (b"\x89PNG\r\n\x1a\n", 16, ">II", False),
    (b"GIF8", 6, "<HH", False),
    (b"BM", 18, "<ii", False),
    (b"8BPS", 14, ">II", True),  # Photoshop
    (b"DDS ", 12, "<II", True),
    (b"\x01\xda", 6, ">HH", False),  # SGI
    (b"SDPX", 772, ">II", False),  # DPX, SMPTE 268M
    (b"XPDS", 772, "<II", False),
    (b"\x80\x2a\x5f\xd7", 200, ">II", False),  # Cineon
    (b"\xd7\x5f\x2a\x80", 200, "<II", False),
    (b"\xff\x4f\xff\x51", 8, ">II", False),  # JPEG 2000 without a file format around it
)
# Those that have it in words, or in a box: height and width by name.
_IN_WORDS = (
    re.compile(rb"#\?.*?-Y (?P<height>\d{1,9}) \+X (?P<width>\d{1,9})", re.DOTALL),  # Radiance
    re.compile(rb"P[1-7FfHh]\s+(?:#[^\n]*\n)*(?P<width>\d{1,9})\s+(?P<height>\d{1,9})"),
)
_BOX = b"ihdr"  # of JPEG 2000
_START = 4096  # bytes, in which all of these are


def picture_size(file: BinaryIO) -> tuple[int, int] | None:
    """Width and height of a picture, since small files may be very large ones.

    The headers are those of PNG (ISO/IEC 15948), JPEG (ITU-T T.81), TIFF 6.0, and of what else
    Blender reads but for EXR, WebP, which has a limit of its own, and TGA, which has no beginning.

    Args:
        file: At its beginning.

    Returns:
        Pixels; None for a file of another kind, or a damaged one.
    """
    start = file.read(_START)
    try:
        for magic, place, form, height_first in _AT_A_PLACE:
            if start.startswith(magic):
                one, other = map(abs, struct.unpack_from(form, start, place))
                return (other, one) if height_first else (one, other)
        for words in _IN_WORDS:
            if found := words.match(start):
                return int(found["width"]), int(found["height"])
        if start[4:8] == b"jP  ":
            height, width = struct.unpack_from(">II", start, start.index(_BOX) + len(_BOX))
            return width, height
        if start[:2] == b"\xff\xd8":
            return _of_jpeg(file)
        if start[:4] in (b"II*\0", b"MM\0*"):
            return _of_tiff(file, start)
    except (struct.error, ValueError):
        pass  # it breaks off, or lacks its box
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
