"""EXR layout: is the file complete, and what is in it?

Blender 5.0 crashes on a truncated EXR, and the session is lost; and no Blender gives a script the
values of a file with layers. So this module first checks that every block of the picture lies
inside the file, and then hands Blender a file of one layer with the wanted channel, its blocks
unchanged. The layout is that of the OpenEXR file format documentation (magic number, attributes,
offset table, chunks).

OpenImageIO's Python module could do all this, and DWA too. The Blenders of blender.org and the bpy
wheels include it, but those of distributions may not: Debian packages it separately, and the
package of its Blender 5.2 neither depends on it nor recommends it.
"""

import os
import struct
from dataclasses import dataclass

import numpy as np

from ..files import open_input
from ..geometry.reduction import MOST_DECODED

_MAGIC = b"\x76\x2f\x31\x01"
_MOST_HEADER = 1 << 20  # bytes
# Blender holds each pixel as four floats, which take as much as four pixels of another file.
MOST_PIXELS = MOST_DECODED // 4
_TILED, _DEEP, _MULTIPART = 0x200, 0x800, 0x1000
# Rows per block, by the number of the compression method.
_BLOCK_ROWS = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256)
# Methods that depend on the names of channels, so that these must not change.
_BY_NAME = (8, 9)
_KEPT = {
    b"compression": b"compression",
    b"dataWindow": b"box2i",
    b"pixelAspectRatio": b"float",
    b"screenWindowCenter": b"v2f",
    b"screenWindowWidth": b"float",
    b"tiles": b"tiledesc",
}


class LayoutError(ValueError):
    """Why a file cannot be read: a clause that follows the file's name."""


class BrokenLayout(LayoutError):
    """Of a file that is damaged or breaks off."""

    def __init__(self) -> None:
        super().__init__("is broken or breaks off")


@dataclass(frozen=True)
class Part:
    """One flat picture of a file.

    Attributes:
        name: Name of the part; empty in a file with only one.
        attributes: Attributes of the part's header, by name.
        channels: Channel names in the file's order, each with the bytes that describe the channel.
        starts: (blocks,) offsets of the blocks' data in the file.
        head: Bytes that precede a block's data in a file of a single part.
    """

    name: str
    attributes: dict[bytes, bytes]
    channels: dict[bytes, bytes]
    starts: np.ndarray
    head: int

    @property
    def data_window(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) of the stored pixels, inclusive."""
        return struct.unpack("<4i", self.attributes[b"dataWindow"])

    @property
    def display_window(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) of the whole picture, inclusive."""
        return struct.unpack("<4i", self.attributes[b"displayWindow"])

    def path_of(self, channel: bytes) -> str:
        """Full name of a channel in the file, with the part's name in front."""
        name = channel.decode("utf-8", "replace")
        return f"{self.name}.{name}" if self.name else name


def read_parts(content: bytes) -> list[Part]:
    """Find the flat pictures of a file, and check that all their blocks lie inside it.

    Args:
        content: Bytes of the whole file.

    Returns:
        At least one part; parts with deep samples or mip levels are left out.

    Raises:
        LayoutError: It is not an EXR, is truncated, or holds only deep samples or mip levels.
    """
    if content[:4] != _MAGIC:
        raise LayoutError("is not an EXR file")
    parts = _whole_parts(content)
    if not parts:
        raise LayoutError("holds deep samples or mip levels; save the depth as a flat EXR")
    return parts


def check_whole(path: str | os.PathLike[str]) -> None:
    """Make sure that a file, if it is an EXR, has all the blocks that its header tells of.

    Of deep samples and mip levels the blocks are not looked at.

    Raises:
        BrokenLayout: It has not.
        OSError: It cannot be read.
    """
    with open_input(path) as file:
        content = file.read(4)
        if content == _MAGIC:
            content += file.read()
            try:
                _whole_parts(content)
            except BrokenLayout:
                raise
            except LayoutError:
                pass  # of a kind that Blender may know


def read_attributes(path: str | os.PathLike[str]) -> dict[bytes, bytes]:
    """Attributes of the first header of a file, by name; none if it is no EXR, or is broken."""
    try:
        with open_input(path) as file:
            content = file.read(_MOST_HEADER)
        return _attributes(content, 8)[0] if content[:4] == _MAGIC else {}
    except (OSError, LayoutError, IndexError, ValueError, struct.error):
        return {}


def is_plain(content: bytes, part: Part, channel: bytes) -> bool:
    """Whether Blender can read a channel's values from the file as it is.

    Args:
        content: Bytes of the whole file.
        part: Part of the file.
        channel: Name of a channel of the part.
    """
    (flags,) = struct.unpack_from("<I", content, 4)
    return (
        not flags & (_DEEP | _MULTIPART)
        and part.data_window == part.display_window
        and not any(b"." in name for name in part.channels)
        and channel == b"R"
    )


def alone(content: bytes, part: Part, channel: bytes) -> bytes:
    """Make a file of a single part in which one channel is named R and the others are ignored.

    Args:
        content: Bytes of the whole file.
        part: Part of the file.
        channel: Name of a channel of the part.

    Returns:
        Bytes of the new file, whose display window is the data window.

    Raises:
        LayoutError: The compression or the channels do not allow it.
    """
    if part.attributes[b"compression"][0] in _BY_NAME:
        raise LayoutError("is compressed by DWA; save it with another compression, such as ZIP")
    if part.channels[channel][:4] == bytes(4):
        raise LayoutError(f"holds whole numbers in {part.path_of(channel)}, not depth")
    if any(kind[8:] != struct.pack("<2i", 1, 1) for kind in part.channels.values()):
        raise LayoutError("has channels of several sizes; save the depth at full size")
    before = list(part.channels).index(channel)
    names = [  # sorted, in the same order as before
        b"R" if number == before else b"%s%04d" % (b"A" if number < before else b"S", number)
        for number in range(len(part.channels))
    ]
    kinds = part.channels.values()
    channels = b"".join(n + b"\0" + kind for n, kind in zip(names, kinds, strict=True)) + b"\0"
    kept = {key: (kind, part.attributes[key]) for key, kind in _KEPT.items()
            if key in part.attributes}  # fmt: skip
    kept[b"channels"] = (b"chlist", channels)
    kept[b"lineOrder"] = (b"lineOrder", bytes(1))  # offset tables are of ascending rows
    kept[b"displayWindow"] = (b"box2i", part.attributes[b"dataWindow"])
    header = _MAGIC + struct.pack("<I", 2 | (_TILED if b"tiles" in kept else 0))
    for key, (kind, data) in kept.items():
        header += key + b"\0" + kind + b"\0" + struct.pack("<i", len(data)) + data
    header += b"\0"

    ends = part.starts + _lengths(content, part.starts)
    blocks = [
        content[start - part.head : end] for start, end in zip(part.starts, ends, strict=True)
    ]
    first = len(header) + 8 * len(blocks)
    offsets = first + np.cumsum([0, *map(len, blocks[:-1])])
    return b"".join([header, offsets.astype("<u8").tobytes(), *blocks])


def _whole_parts(content: bytes) -> list[Part]:
    try:
        return _parts(content)
    except (struct.error, KeyError, IndexError, ValueError, ZeroDivisionError) as error:
        if isinstance(error, LayoutError):
            raise
        raise BrokenLayout from error


def _parts(content: bytes) -> list[Part]:
    (flags,) = struct.unpack_from("<I", content, 4)
    multipart = bool(flags & _MULTIPART)
    attributes, position = _attributes(content, 8)
    headers = [attributes]
    while multipart:
        attributes, position = _attributes(content, position)
        if not attributes:
            break
        headers.append(attributes)
    tables = []
    for attributes in headers:
        count, head = _blocks(attributes, bool(flags & _TILED))
        if b"chunkCount" in attributes:
            (count,) = struct.unpack("<I", attributes[b"chunkCount"])
        offsets = np.frombuffer(content, "<u8", count, position).astype(np.int64)
        tables.append((attributes, offsets, head))
        position += offsets.size * 8
    parts = []
    for attributes, offsets, head in tables:
        if head is None:
            continue
        starts = offsets + head + 4 * multipart  # of several, each block names its part
        if (starts > len(content)).any() or (offsets < position).any():
            raise BrokenLayout
        lengths = _lengths(content, starts)
        if (lengths < 0).any() or (starts + lengths > len(content)).any():
            raise BrokenLayout
        name = attributes[b"name"].decode("utf-8", "replace") if len(headers) > 1 else ""
        part = Part(name, attributes, _channels(attributes[b"channels"]), starts, head)
        if max(area(part.data_window), area(part.display_window)) > MOST_PIXELS:
            raise LayoutError("is too large")
        parts.append(part)
    return parts


def area(window: tuple[int, int, int, int]) -> int:
    """Pixels of a window, (left, top, right, bottom) inclusive."""
    left, top, right, bottom = window
    return max(0, right - left + 1) * max(0, bottom - top + 1)


def _lengths(content: bytes, starts: np.ndarray) -> np.ndarray:
    """Lengths of the blocks' data: for each block, the number right before its data."""
    bytes_ = np.frombuffer(content, np.uint8)
    return bytes_[(starts - 4)[:, None] + np.arange(4)].copy().view("<i4")[:, 0]


def _attributes(content: bytes, position: int) -> tuple[dict[bytes, bytes], int]:
    """A header's attributes by name, and the position after the header."""
    attributes = {}
    while content[position]:
        name_end = content.index(b"\0", position)
        type_end = content.index(b"\0", name_end + 1)
        (size,) = struct.unpack_from("<i", content, type_end + 1)
        start = type_end + 5
        if size < 0 or start + size > len(content):
            raise BrokenLayout
        attributes[content[position:name_end]] = content[start : start + size]
        position = start + size
    return attributes, position + 1


def _channels(data: bytes) -> dict[bytes, bytes]:
    channels, position = {}, 0
    while data[position]:
        end = data.index(b"\0", position)
        channels[data[position:end]] = data[end + 1 : end + 17]
        position = end + 17
    if not channels:
        raise LayoutError("has no channels")
    return channels


def _blocks(attributes: dict[bytes, bytes], tiled: bool) -> tuple[int, int | None]:
    """The number of blocks, and the length of each one's head; None if the part is not flat."""
    left, top, right, bottom = struct.unpack("<4i", attributes[b"dataWindow"])
    width, height = right - left + 1, bottom - top + 1
    if width < 1 or height < 1:
        raise LayoutError("is empty")
    kind = attributes.get(b"type", b"")
    method = attributes[b"compression"][0]
    if method >= len(_BLOCK_ROWS):
        raise LayoutError("is compressed by a method that is not known; save it as ZIP")
    count = -(-height // _BLOCK_ROWS[method])
    if kind.startswith(b"deep"):
        return count, None
    if tiled or kind == b"tiledimage":
        tile_width, tile_height, mode = struct.unpack("<IIB", attributes[b"tiles"])
        count = -(-width // tile_width) * -(-height // tile_height)
        return count, None if mode & 0xF else 20
    return count, 8
