"""EXR layout: is the file all there?

Blender 5.0 crashes on an EXR that breaks off, and takes the session with it. So the few numbers
that tell whether every block of the picture lies inside the file are read here first. The layout is
that of the OpenEXR file format documentation (magic number, attributes, offset table, chunks).
"""

import struct

import numpy as np

_MAGIC = b"\x76\x2f\x31\x01"
_TILED, _DEEP, _MULTIPART = 0x200, 0x800, 0x1000
# Rows in one block, by the number of the compression method.
_BLOCK_ROWS = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256)


class LayoutError(ValueError):
    """Why the file is not one whole, flat picture: a clause that follows the file's name."""


def check_layout(path):
    """Raise LayoutError unless `path` is a complete EXR picture of a single part.

    Args:
        path: File to look at.

    Raises:
        LayoutError: It is no EXR, breaks off, or has several parts, deep samples or mip levels.
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:
        content = file.read()
    if content[:4] != _MAGIC:
        raise LayoutError("is not an EXR file")
    try:
        (version,) = struct.unpack_from("<I", content, 4)
        if version & (_DEEP | _MULTIPART):
            raise LayoutError("has several parts; save the depth alone as a single-layer EXR")
        attributes, table = _attributes(content)
        offsets, head = _offsets(content, attributes, table, tiled=bool(version & _TILED))
    except (struct.error, KeyError, IndexError, ValueError, ZeroDivisionError) as error:
        if isinstance(error, LayoutError):
            raise
        raise LayoutError("is broken or breaks off") from error
    starts = offsets + head
    if (starts > len(content)).any() or (offsets < table + offsets.nbytes).any():
        raise LayoutError("is broken or breaks off")
    # A block's length is the last number of its head.
    bytes_ = np.frombuffer(content, np.uint8)
    lengths = bytes_[(starts - 4)[:, None] + np.arange(4)].copy().view("<i4")[:, 0]
    if (lengths < 0).any() or (starts + lengths > len(content)).any():
        raise LayoutError("is broken or breaks off")


def _attributes(content):
    """The header's attributes as name -> bytes, and the position after them."""
    attributes, position = {}, 8
    while content[position]:
        name_end = content.index(b"\0", position)
        type_end = content.index(b"\0", name_end + 1)
        (size,) = struct.unpack_from("<i", content, type_end + 1)
        start = type_end + 5
        if size < 0 or start + size > len(content):
            raise LayoutError("is broken or breaks off")
        attributes[content[position:name_end]] = content[start : start + size]
        position = start + size
    return attributes, position + 1


def _offsets(content, attributes, table, tiled):
    """Where each block starts, and how long its head is."""
    left, top, right, bottom = struct.unpack("<4i", attributes[b"dataWindow"])
    width, height = right - left + 1, bottom - top + 1
    if width < 1 or height < 1:
        raise LayoutError("is empty")
    if tiled:
        tile_width, tile_height, mode = struct.unpack("<IIB", attributes[b"tiles"])
        if mode & 0xF:
            raise LayoutError("holds mip levels; save the depth alone as a single-layer EXR")
        count, head = -(-width // tile_width) * -(-height // tile_height), 20
    else:
        count, head = -(-height // _BLOCK_ROWS[attributes[b"compression"][0]]), 8
    return np.frombuffer(content, "<u8", count, table).astype(np.int64), head
