"""Upright: picture files without EXIF orientation, which Blender does not heed and others do."""

import struct
import zlib

_JPEG, _PNG, _EXIF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"Exif\0\0"
_ORIENTATION = 0x0112
_SCAN, _APP1 = 0xDA, 0xE1


def without_orientation(content: bytes) -> bytes:
    """A JPEG or PNG file that is shown as its pixels lie; its pixels are not encoded anew.

    Args:
        content: Bytes of a file of any kind.

    Returns:
        The same, but for the orientation in its EXIF data and what checks that.
    """
    changed = bytearray(content)
    try:
        if content.startswith(_JPEG):
            _clear_jpeg(changed)
        elif content.startswith(_PNG):
            _clear_png(changed)
    except (struct.error, IndexError):  # breaks off, and so do those that read it
        return content
    return bytes(changed)


def _clear_jpeg(content: bytearray) -> None:
    position = 2
    while content[position] == 0xFF and content[position + 1] != _SCAN:
        (length,) = struct.unpack_from(">H", content, position + 2)
        start = position + 4
        if content[position + 1] == _APP1 and content[start : start + 6] == _EXIF:
            _clear(content, start + 6)
        position += 2 + length


def _clear_png(content: bytearray) -> None:
    position = len(_PNG)
    while position < len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 8 + length
        if kind == b"eXIf":
            _clear(content, position + 8)
            struct.pack_into(">I", content, end, zlib.crc32(content[position + 4 : end]))
        position = end + 4


def _clear(content: bytearray, start: int) -> None:
    """Set the orientation in the first directory of a TIFF header to upright."""
    order = "<" if content[start : start + 2] == b"II" else ">"
    (offset,) = struct.unpack_from(order + "I", content, start + 4)
    (count,) = struct.unpack_from(order + "H", content, start + offset)
    for number in range(count):
        entry = start + offset + 2 + 12 * number
        (tag,) = struct.unpack_from(order + "H", content, entry)
        if tag == _ORIENTATION:
            struct.pack_into(order + "HIHH", content, entry + 2, 3, 1, 1, 0)
