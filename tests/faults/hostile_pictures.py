# ruff: noqa: E501  (a table reads best with a case a line)
"""Pictures that are none, or of a kind that nobody expects; run as `hostile_pictures.py DIR`.

The table says what is told of each, or nothing where a sound result comes of it. Pillow draws them,
which only the engine's Python has.
"""

import io
import os
import socket
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

WIDTH, HEIGHT = 24, 16
MAGIC = {
    "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff\xe0", "gif": b"GIF89a", "bmp": b"BM",
    "tif": b"II*\0\x08\0\0\0", "webp": b"RIFF\x10\0\0\0WEBPVP8 ", "exr": b"\x76\x2f\x31\x01\x02\0\0\0",
    "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "ppm": b"P6", "jp2": b"\0\0\0\x0cjP  \r\n\x87\n", "psd": b"8BPS\0\x01", "hdr": b"#?RADIANCE\n",
}  # fmt: skip
NOT = "is not a picture, or its format is not supported"
CUT = "is damaged or truncated"
SMALL = "at least 2 x 2"
BEGUN = {"webp": CUT, "ppm": CUT, "jp2": CUT, "exr": "is damaged or breaks off"}
MANY = "megapixels, too many for this computer: save it smaller"
LARGE = "needs more memory than is free: save it smaller"
NO_FILE = "is a device or a pipe"


class Case(NamedTuple):
    """A file: its name, what is told of it (nothing of a sound result), and what makes it."""

    name: str
    words: str
    make: Callable[[], bytes] | Callable[[Path], None]


def scene(mode="RGB", size=(WIDTH, HEIGHT)):
    """A picture with an edge, of a mode of Pillow's."""
    from PIL import Image

    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.paste((180, 60, 40), (size[0] // 3, size[1] // 3, size[0] // 2 + 1, size[1] - 1))
    return image.convert(mode)


def saved(kind: str, image=None, **settings) -> bytes:
    """A picture as the bytes of a file."""
    file = io.BytesIO()
    (image or scene()).save(file, kind, **settings)
    return file.getvalue()


def tenths(kind: str, suffix: str, words: str | dict[int, str], steps=range(1, 10)):
    """Cut after every tenth."""
    for step in steps:
        told = words.get(step, words[0]) if isinstance(words, dict) else words

        def make(step=step):
            data = saved(kind, scene(size=(96, 64)))
            return data[: len(data) * step // 10]

        yield Case(f"cut at {step}.{suffix}", told, make)


def png(chunks: list[tuple[bytes, bytes]], crc: int = 0) -> bytes:
    """A PNG of these chunks, its checksums off by a number."""
    return MAGIC["png"] + b"".join(
        struct.pack(">I", len(data))
        + name
        + data
        + struct.pack(">I", zlib.crc32(name + data) ^ crc)
        for name, data in chunks
    )


def header(width: int, height: int, depth=8, color=2, interlace=0) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)


ROWS = b"IDAT", zlib.compress((b"\0" + b"\x40\x80\xc0" * WIDTH) * HEIGHT)
END = b"IEND", b""


def plain_png(*between, size=(WIDTH, HEIGHT), crc=0, **kind) -> bytes:
    return png([header(*size, **kind), *between, ROWS, END], crc)


def changed(data: bytes, place: int, new: bytes) -> bytes:
    """With some bytes of it changed."""
    return data[:place] + new + data[place + len(new) :]


def tiff(entries: list[tuple[int, int, int, int]], following=0, data=b"") -> bytes:
    """A TIFF of one directory: tag, kind, count, value."""
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    return (
        head
        + b"".join(struct.pack("<HHII", *each) for each in entries)
        + struct.pack("<I", following)
        + data
    )


def exif(tag: int, value, part=0x8769) -> bytes:
    """A JPEG with one EXIF tag."""
    from PIL import Image

    data = Image.Exif()
    if part:
        data.get_ifd(part)[tag] = value
    else:
        data[tag] = value
    return saved("JPEG", exif=data)


def with_profile(profile: bytes) -> bytes:
    return saved("PNG", icc_profile=profile)


def link(to: str):
    return lambda path: path.symlink_to(to)


def fifo(path):
    os.mkfifo(path)


def listening(path):
    with socket.socket(socket.AF_UNIX) as made:
        # By a short way, for the address of a socket may have a hundred bytes.
        here = os.open(path.parent, os.O_RDONLY)
        made.bind(f"/proc/self/fd/{here}/{path.name}")
        os.close(here)


# A TIFF of 2 x 2 floats, which follow its directory of ten entries.
FLOATS = [
    (256, 4, 1, 2),
    (257, 4, 1, 2),
    (258, 3, 1, 32),
    (259, 3, 1, 1),
    (262, 3, 1, 1),
    (273, 4, 1, 134),
    (277, 3, 1, 1),
    (278, 4, 1, 2),
    (279, 4, 1, 16),
    (339, 3, 1, 3),
]

CASES = [
    # Cut short.
    *tenths("JPEG", "jpg", CUT),
    *tenths("PNG", "png", CUT),
    *tenths("TIFF", "tif", CUT),
    *tenths("WEBP", "webp", CUT, (2, 5, 8)),
    *tenths("GIF", "gif", {2: NOT, 0: CUT}, (2, 5, 8)),
    *tenths("BMP", "bmp", CUT, (2, 5, 8)),
    *tenths("PPM", "ppm", CUT, (2, 5, 8)),
    *tenths("JPEG2000", "jp2", CUT, (2, 5, 8)),
    *tenths("AVIF", "avif", {8: CUT, 0: NOT}, (2, 5, 8)),
    Case("empty.png", "is an empty file", lambda: b""),
    # Nothing but what a file begins with, or another kind of file altogether.
    *(Case(f"magic.{kind}", BEGUN.get(kind, NOT), lambda data=data: data) for kind, data in MAGIC.items()),
    Case("text.png", NOT, lambda: b"This is no picture.\n"),
    Case("zeros.jpg", NOT, lambda: bytes(4096)),
    Case("noise.png", NOT, lambda: bytes(range(251)) * 40),
    Case("archive.png", NOT, lambda: b"PK\x03\x04" + bytes(200)),
    Case("page.pdf", NOT, lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
    Case("drawing.svg", NOT, lambda: b"<svg xmlns='http://www.w3.org/2000/svg' width='9'/>"),
    Case("program.eps", NOT, lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"),
    Case("pickle.png", NOT, lambda: b"\x80\x04cposix\nsystem\n(X\x04\0\0\0exittR."),
    Case("film.png", NOT, lambda: b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41" + bytes(99)),
    # Another kind than the name says.
    Case("a png.jpg", "", lambda: saved("PNG")),
    Case("a jpeg.png", "", lambda: saved("JPEG")),
    Case("a tiff.exr", "", lambda: saved("TIFF")),
    Case("a webp.bmp", "", lambda: saved("WEBP")),
    Case("no suffix", "", lambda: saved("PNG")),
    Case("UPPER.PNG", "", lambda: saved("PNG")),
    # Bombs: small files that say they are large.
    Case("bomb.png", MANY, lambda: plain_png(size=(100_000, 100_000))),
    Case("most.png", MANY, lambda: plain_png(size=(2**31 - 1, 2**31 - 1))),
    Case("long.png", MANY, lambda: plain_png(size=(2**31 - 1, 2))),
    Case("bits.png", MANY, lambda: plain_png(size=(60_000, 60_000), depth=1, color=0)),
    Case("real bomb.png", MANY, lambda: png([header(40_000, 40_000, 1, 0), (b"IDAT", zlib.compress(bytes(5001) * 40_000)), END])),
    Case("text bomb.png", CUT, lambda: plain_png((b"zTXt", b"a\0\0" + zlib.compress(bytes(90 << 20))))),
    Case("profile bomb.png", CUT, lambda: plain_png((b"iCCP", b"a\0\0" + zlib.compress(bytes(90 << 20))))),
    Case("bomb.jpg", CUT, lambda: changed(saved("JPEG"), saved("JPEG").index(b"\xff\xc0") + 5, b"\xff\xff\xff\xff")),
    Case("bomb.sgi", NOT, lambda: struct.pack(">HBBHHHH", 474, 0, 1, 3, 40_000, 40_000, 3) + bytes(600)),
    Case("bomb.hdr", LARGE, lambda: b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 20000 +X 20000\n" + bytes(99)),
    Case("bomb.psd", NOT, lambda: b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 40_000, 40_000, 8, 3) + bytes(99)),
    Case("bomb.dpx", LARGE, lambda: b"SDPX" + struct.pack(">I", 2048) + bytes(764) + struct.pack(">II", 20_000, 20_000) + bytes(3000)),
    Case("bomb.dds", NOT, lambda: b"DDS " + struct.pack("<4I", 124, 0x1007, 40_000, 40_000) + bytes(108)),
    Case("bomb.gif", MANY, lambda: changed(saved("GIF"), 6, b"\xff\xff\xff\xff")),
    Case("bomb.bmp", MANY, lambda: changed(saved("BMP"), 18, struct.pack("<ii", 60_000, 60_000))),
    Case("bomb.ppm", MANY, lambda: b"P6 90000 90000 255\n" + bytes(99)),
    Case("digits.ppm", CUT, lambda: b"P6 " + b"9" * 5000 + b" 2 255\n" + bytes(99)),
    Case("bomb.tga", MANY, lambda: struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, 65535, 65535, 24, 0) + bytes(99)),
    Case("bomb.tif", MANY, lambda: tiff([(256, 4, 1, 90_000), (257, 4, 1, 90_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 90_000), (279, 4, 1, 99)])),
    # Sizes.
    Case("0 x 0.png", NOT, lambda: plain_png(size=(0, 0))),
    Case("0 x 9.png", NOT, lambda: plain_png(size=(0, 9))),
    Case("1 x 1.png", SMALL, lambda: saved("PNG", scene(size=(1, 1)))),
    Case("5000 x 1.png", SMALL, lambda: saved("PNG", scene(size=(5000, 1)))),
    Case("1 x 5000.png", SMALL, lambda: saved("PNG", scene(size=(1, 5000)))),
    Case("2 x 2.png", "", lambda: saved("PNG", scene(size=(2, 2)))),
    Case("3 x 2.png", "", lambda: saved("PNG", scene(size=(3, 2)))),
    Case("5000 x 2.png", "", lambda: saved("PNG", scene(size=(5000, 2)))),
    Case("2 x 5000.png", "", lambda: saved("PNG", scene(size=(2, 5000)))),
    Case("minus.bmp", MANY, lambda: changed(saved("BMP"), 18, struct.pack("<ii", -24, 16))),
    # Kinds of pixels.
    *(Case(f"{mode}.png", "", lambda mode=mode: saved("PNG", scene(mode))) for mode in ("1", "L", "LA", "P", "RGBA")),
    *(Case(f"{mode}.tif", "", lambda mode=mode: saved("TIFF", scene(mode))) for mode in ("CMYK", "YCbCr", "LAB", "F", "I")),
    Case("16 bits.png", "", lambda: saved("PNG", scene("L").convert("I").point(lambda v: v * 257).convert("I;16"))),
    Case("CMYK.jpg", "", lambda: saved("JPEG", scene("CMYK"))),
    Case("gray.jpg", "", lambda: saved("JPEG", scene("L"))),
    Case("progressive.jpg", "", lambda: saved("JPEG", progressive=True)),
    Case("clear.png", "", lambda: saved("PNG", scene("P"), transparency=0)),
    Case("animated.gif", "", lambda: saved("GIF", save_all=True, append_images=[scene("L")] * 3)),
    Case("animated.png", "", lambda: saved("PNG", save_all=True, append_images=[scene()] * 3)),
    Case("animated.webp", "", lambda: saved("WEBP", save_all=True, append_images=[scene("L")] * 3)),
    Case("pages.tif", "", lambda: saved("TIFF", save_all=True, append_images=[scene()] * 3)),
    Case("nan.tif", "NaN or infinite", lambda: tiff(FLOATS, data=struct.pack("<4f", float("nan"), float("inf"), -1e38, 0))),
    Case("far.tif", "", lambda: tiff(FLOATS, data=struct.pack("<4f", 1e38, -1e38, 1e-38, 0))),
    # Broken inside.
    Case("wrong crc.png", NOT, lambda: plain_png(crc=1)),
    Case("no rows.png", CUT, lambda: png([header(WIDTH, HEIGHT), END])),
    Case("no header.png", NOT, lambda: png([ROWS, END])),
    Case("no end.png", "", lambda: png([header(WIDTH, HEIGHT), ROWS])),
    Case("two headers.png", CUT, lambda: plain_png(header(3000, 2))),
    Case("no palette.png", CUT, lambda: plain_png(color=3)),
    Case("wrong rows.png", CUT, lambda: png([header(WIDTH, HEIGHT), (b"IDAT", b"no zlib at all"), END])),
    Case("few rows.png", CUT, lambda: png([header(WIDTH, HEIGHT), (b"IDAT", zlib.compress(bytes(99))), END])),
    Case("many rows.png", "", lambda: png([header(WIDTH, HEIGHT), (b"IDAT", zlib.compress(bytes(9 << 20))), END])),
    Case("color 5.png", NOT, lambda: plain_png(color=5)),
    Case("depth 77.png", NOT, lambda: plain_png(depth=77)),
    Case("interlace 9.png", CUT, lambda: plain_png(interlace=9)),
    Case("long chunk.png", "", lambda: changed(plain_png(), 33, b"\xff\xff\xff\xff")),
    Case("tail.png", "", lambda: saved("PNG") + b"PK\x03\x04" + bytes(999)),
    Case("loop.tif", NOT, lambda: tiff([(256, 4, 1, 9)], following=8)),
    Case("beyond.tif", CUT, lambda: tiff([(256, 4, 1, 9), (257, 4, 1, 9), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 1 << 31), (277, 3, 1, 1), (278, 4, 1, 9), (279, 4, 1, 81)])),
    Case("counts.tif", NOT, lambda: tiff([(256, 4, 2**31 - 1, 9)] * 40)),
    Case("kinds.tif", NOT, lambda: tiff([(number, 99, 1, 9) for number in range(256, 280)])),
    Case("no huffman.jpg", "", lambda: saved("JPEG").replace(b"\xff\xc4", b"\xff\xe9")),
    Case("ones.jpg", NOT, lambda: changed(saved("JPEG"), 300, b"\xff" * 200)),
    # What is said about it.
    *(Case(f"turn {turn}.jpg", "", lambda turn=turn: exif(0x0112, turn, 0)) for turn in (0, 6, 99, 65535)),
    *(Case(f"focal {number}.jpg", "", lambda focal=focal: exif(0xA405, focal)) for number, focal in enumerate((0, 1, 65535))),
    Case("sizes.jpg", "", lambda: exif(0x920A, (1, 0))),
    Case("broken exif.jpg", "", lambda: saved("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")),
    Case("exif loop.jpg", "", lambda: saved("JPEG", exif=b"Exif\0\0" + tiff([(0x8769, 4, 1, 8)], following=8))),
    Case("broken profile.png", "", lambda: with_profile(b"no profile")),
    Case("cut profile.png", "", lambda: with_profile(struct.pack(">I", 9999) + b"lcms" + bytes(120))),
    Case("xmp bomb.jpg", "", lambda: saved("JPEG", xmp=b"<a>" * 9000)),
    # Names.
    Case("a\nb.png", "", lambda: saved("PNG")),
    Case("50% {0} %s.png", "", lambda: saved("PNG")),
    Case("50% {0} %s cut.png", CUT, lambda: saved("PNG")[:60]),
    Case("n" * 251 + ".png", "", lambda: saved("PNG")),
    Case(os.fsdecode(b"caf\xe9.png"), "", lambda: saved("PNG")),
    Case(os.fsdecode(b"cut caf\xe9.png"), CUT, lambda: saved("PNG")[:60]),
    Case("-o.png", "", lambda: saved("PNG")),
    Case("//two.png".lstrip("/"), "", lambda: saved("PNG")),
]  # fmt: skip
# Files that Blender itself writes, cut or changed: name of the file, format, depth, codec.
WRITTEN = [
    ("zip.exr", "OPEN_EXR", "16", "ZIP"),
    ("none.exr", "OPEN_EXR", "32", "NONE"),
    ("piz.exr", "OPEN_EXR", "16", "PIZ"),
    ("dwa.exr", "OPEN_EXR", "16", "DWAA"),
    ("light.hdr", "HDR", "32", "ZIP"),
    ("film.dpx", "DPX", "10", "ZIP"),
    ("gray.sgi", "IRIS", "8", "ZIP"),
]
# No files at all: what makes them is told where.
PLACES = [
    Case("fifo.png", NO_FILE, fifo),
    Case("socket.png", NO_FILE, listening),
    Case("folder.png", "is a folder", lambda path: path.mkdir()),
    Case("dangling.png", "File not found", link("nowhere.png")),
    Case("loop.png", "File not found", link("loop.png")),
    Case("zero.png", NO_FILE, link("/dev/zero")),
    Case("null.png", NO_FILE, link("/dev/null")),
    Case("full.png", NO_FILE, link("/dev/full")),
    Case("memory.png", "is an empty file", link("/proc/self/mem")),
    Case("to a folder.png", "is a folder", link(".")),
    Case("linked.png", "", link("a png.jpg")),
]  # fmt: skip


def main(folder: Path) -> None:
    """Write them all."""
    folder.mkdir(exist_ok=True)
    for case in CASES:
        (folder / case.name).write_bytes(case.make())
    for case in PLACES:
        case.make(folder / case.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
