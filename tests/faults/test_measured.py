# ruff: noqa: E501  (a table reads best with a case a line)
"""Measured depth, points and cameras that are none, or of a kind that nobody expects."""

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

pytest.importorskip("bpy")
from sharpdepth_blender import api
from sharpdepth_blender.api import DepthFile, PointsFile
from sharpdepth_blender.geometry import exr_content, png_content
from tests.faults.conftest import assert_told

WIDTH, HEIGHT = 24, 16
BLOCKS = 1  # of sixteen rows in an EXR of ours
SLOPE = np.repeat(np.linspace(2, 3, HEIGHT, dtype=np.float32)[:, None], WIDTH, axis=1)


class Evil:
    """Makes a file where it is unpickled."""

    def __reduce__(self):
        return open, ("/tmp/sharpdepth-unpickled", "w")


def npy(array, **settings) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **settings)
    return file.getvalue()


def head(described: str, data: bytes = b"", version=b"\x01\x00") -> bytes:
    """An `.npy` whose header says what it likes."""
    size = struct.pack("<H" if version == b"\x01\x00" else "<I", len(described))
    return b"\x93NUMPY" + version + size + described.encode("latin1") + data


def shaped(shape, kind="<f4") -> bytes:
    return head(
        f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}\n", SLOPE.tobytes()
    )


def with_value(value, where=slice(None)):
    values = SLOPE.copy()
    values[where] = value
    return values


def zipped() -> bytes:
    file = io.BytesIO()
    np.savez(file, SLOPE)
    return file.getvalue()


def bomb() -> bytes:
    """A gigabyte of zeros in a zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("a.npy", "w") as inside:
            for _ in range(64):
                inside.write(bytes(1 << 20))
    return file.getvalue()


NOTHING = "measures nothing"
NO_ARRAY = "is not an array that numpy wrote"
NUMBERS = "does not hold one array of real numbers"
SHAPE = "but a depth map has rows and columns"
PROPORTIONS = "proportions"
ARRAYS: dict[str, tuple[Callable[[], bytes], str]] = {
    "plain": (lambda: npy(SLOPE), ""),
    "a hole": (lambda: npy(with_value(np.nan, 3)), ""),
    "all NaN": (lambda: npy(with_value(np.nan)), NOTHING),
    "all infinite": (lambda: npy(with_value(np.inf)), NOTHING),
    "minus infinity": (lambda: npy(with_value(-np.inf)), NOTHING),
    "negative": (lambda: npy(-SLOPE), NOTHING),
    "all zero": (lambda: npy(0 * SLOPE), NOTHING),
    "constant": (lambda: npy(with_value(5)), ""),
    "1e30": (lambda: npy(with_value(1e30)), NOTHING),
    "1e-30": (lambda: npy(with_value(1e-30)), ""),
    "1e-45": (lambda: npy(with_value(1e-45)), ""),
    "from 1e-30 to 1e8": (lambda: npy(np.geomspace(1e-30, 1e8, SLOPE.size).reshape(SLOPE.shape)), ""),
    "one pixel": (lambda: npy(with_value(0) + np.eye(HEIGHT, WIDTH, -3, np.float32) * (np.arange(WIDTH) == 4)), ""),
    "a checkerboard of NaN": (lambda: npy(np.where(np.indices(SLOPE.shape).sum(0) % 2, SLOPE, np.nan)), ""),
    "double": (lambda: npy(SLOPE.astype(np.float64)), ""),
    "half": (lambda: npy(SLOPE.astype(np.float16)), ""),
    "long double": (lambda: npy(SLOPE.astype(np.longdouble)), ""),
    "big-endian": (lambda: npy(SLOPE.astype(">f4")), ""),
    "Fortran order": (lambda: npy(np.asfortranarray(SLOPE)), ""),
    "bytes": (lambda: npy((SLOPE * 20).astype(np.uint8)), ""),
    "signed": (lambda: npy((SLOPE * 20).astype(np.int64)), ""),
    "true and false": (lambda: npy(SLOPE > 2.5), NUMBERS),
    "complex": (lambda: npy(SLOPE.astype(complex)), NUMBERS),
    "words": (lambda: npy(SLOPE.astype(str)), NUMBERS),
    "dates": (lambda: npy(SLOPE.astype("datetime64[s]")), NUMBERS),
    "records": (lambda: npy(np.zeros(SLOPE.shape, [("z", "f4")])), NUMBERS),
    "void": (lambda: npy(np.zeros(SLOPE.shape, "V9")), NUMBERS),
    "objects": (lambda: npy(np.full(SLOPE.shape, 2.0, object), allow_pickle=True), NO_ARRAY),
    "objects that do something": (lambda: npy(np.array([[Evil()]], object), allow_pickle=True), NO_ARRAY),
    "a pickle": (lambda: pickle.dumps(Evil()), NO_ARRAY),
    "an archive": (zipped, NUMBERS),
    "an archive that is a bomb": (bomb, NUMBERS),
    "a row": (lambda: npy(SLOPE[0]), SHAPE),
    "a number": (lambda: npy(np.float32(2)), SHAPE),
    "3-D": (lambda: npy(np.stack([SLOPE] * 3)), SHAPE),
    "3-D of one": (lambda: npy(SLOPE[..., None]), ""),
    "no rows": (lambda: npy(SLOPE[:0]), SHAPE),
    "no columns": (lambda: npy(SLOPE[:, :0]), SHAPE),
    "64 axes": (lambda: shaped((1,) * 64), NO_ARRAY),
    "upright": (lambda: npy(SLOPE.T), PROPORTIONS),
    "a column more": (lambda: npy(np.pad(SLOPE, ((0, 0), (0, 1)))), PROPORTIONS),
    "1 x 1": (lambda: npy(SLOPE[:1, :1]), ""),
    "twice as large": (lambda: npy(np.kron(SLOPE, np.ones((2, 2)))), ""),
    "half as large": (lambda: npy(SLOPE[::2, ::2]), ""),
    "4 TB by its header": (lambda: shaped((2**20, 2**20)), NO_ARRAY),
    "more bytes than there are numbers": (lambda: shaped((2**40, 2**40)), NO_ARRAY),
    "a negative side": (lambda: shaped((-16, 24)), NO_ARRAY),
    "a side of half": (lambda: shaped((16.5, 24)), NO_ARRAY),
    "a shape that is no tuple": (lambda: shaped("'evil'"), NO_ARRAY),
    "an unknown kind": (lambda: shaped((16, 24), "<q9"), NO_ARRAY),
    "a header that is a program": (lambda: head("__import__('os').abort()\n"), NO_ARRAY),
    "a header nested deeply": (lambda: head("(" * 5000 + ")" * 5000 + "\n"), NO_ARRAY),
    "a header of 60 kB": (lambda: head(" " * 60_000 + "\n"), NO_ARRAY),
    "a header that lacks the shape": (lambda: head("{'descr': '<f4', 'fortran_order': False}\n"), NO_ARRAY),
    "version 99": (lambda: head("{}", version=b"\x63\x00"), NO_ARRAY),
    "another length of the header": (lambda: b"\x93NUMPY\x02\x00\xff\xff\xff\xff{", NO_ARRAY),
    "the magic alone": (lambda: b"\x93NUMPY", NO_ARRAY),
    "empty": (lambda: b"", NO_ARRAY),
    "text": (lambda: b"2.0 2.0\n", NO_ARRAY),
    "cut in its numbers": (lambda: npy(SLOPE)[:-100], NO_ARRAY),
    "cut in its header": (lambda: npy(SLOPE)[:60], NO_ARRAY),
    "more behind it": (lambda: npy(SLOPE) + bytes(999), ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("picture") / "plate.png"
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    path.write_bytes(b"".join(png_content(noise)))
    return path


@pytest.fixture
def generate(harmless, reader, picture, standing):
    """Function that makes a mesh with what was measured, and tells what came of it."""

    def generate(**measured):
        return harmless(
            lambda: api.generate(picture, engine=reader, **measured),
            folders=(picture.parent,),
            checks=assert_finite,
        )

    return generate


def assert_finite(obj):
    api.bake(obj)
    mesh = obj.data
    places = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", places)
    assert np.isfinite(places).all()


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array(generate, tmp_path, name):
    make, words = ARRAYS[name]
    path = tmp_path / "depth.npy"
    path.write_bytes(make())
    outcome = generate(metric_depth=DepthFile(path))
    assert_told(outcome, words)


def exr(**channels) -> bytes:
    return b"".join(exr_content(channels or {"R": SLOPE}))


def changed(data: bytes, name: bytes, value: bytes, kind: bytes = b"") -> bytes:
    """An EXR with another value of an attribute."""
    place = data.index(name + b"\0" + kind) + len(name) + 1
    place = data.index(b"\0", place) + 5
    return data[:place] + value + data[place + len(value) :]


def flags(data: bytes, bits: int) -> bytes:
    return data[:4] + struct.pack("<I", 2 | bits) + data[8:]


def offsets(data: bytes, value: int) -> bytes:
    """An EXR that says that every block is at one place."""
    # The header ends with the attribute before the table, of which each entry is eight bytes.
    table = next(
        place
        for place in range(8, len(data) - 8)
        if data[place - 1] == 0 and struct.unpack_from("<Q", data, place)[0] == place + 8 * BLOCKS
    )
    return data[:table] + struct.pack("<Q", value) * BLOCKS + data[table + 8 * BLOCKS :]


BROKEN = "is broken or breaks off"
EXRS: dict[str, tuple[Callable[[], bytes], str]] = {
    "plain": (exr, ""),
    "Z": (lambda: exr(Z=SLOPE), ""),
    "a layer": (lambda: exr(**{"ViewLayer.Depth.Z": SLOPE}), ""),
    "half": (lambda: exr(R=SLOPE.astype(np.float16)), ""),
    "several that are none": (lambda: exr(**{"a.R": SLOPE, "b.R": SLOPE}), "say which of them is the depth"),
    "NaN": (lambda: exr(R=with_value(np.nan)), NOTHING),
    "infinite": (lambda: exr(R=with_value(np.inf)), NOTHING),
    "1e30": (lambda: exr(R=with_value(1e30)), NOTHING),
    "of another shape": (lambda: exr(R=SLOPE.T.copy()), PROPORTIONS),
    "empty": (lambda: b"", "is not an EXR file"),
    "text": (lambda: b"no picture", "is not an EXR file"),
    "a PNG": (lambda: b"".join(png_content(np.zeros((16, 24, 3), np.uint8))), "is not an EXR file"),
    "the magic alone": (lambda: b"\x76\x2f\x31\x01", BROKEN),
    **{f"cut at {tenth}": (lambda tenth=tenth: exr()[: len(exr()) * tenth // 10], BROKEN) for tenth in range(1, 10)},
    "a byte short": (lambda: exr()[:-1], BROKEN),
    "deep": (lambda: flags(exr(), 0x800), ""),
    "tiled without tiles": (lambda: flags(exr(), 0x200), BROKEN),
    "several parts that are one": (lambda: flags(exr(), 0x1000), BROKEN),
    "an unknown compression": (lambda: changed(exr(), b"compression", b"\x63"), "by a method that is not known"),
    "another compression": (lambda: changed(exr(), b"compression", b"\x04"), "Blender finds no picture of depth"),
    "DWA": (lambda: changed(exr(Z=SLOPE), b"compression", b"\x08"), "is compressed by DWA"),
    "an empty window": (lambda: changed(exr(), b"dataWindow", struct.pack("<4i", 0, 0, -1, -1)), "is empty"),
    "a window of 2^31": (lambda: changed(exr(), b"dataWindow", struct.pack("<4i", -(2**31), -(2**31), 2**31 - 1, 2**31 - 1)), BROKEN),
    "a window above the frame": (lambda: changed(exr(), b"displayWindow", struct.pack("<4i", 0, 100, 23, 115)), NOTHING),
    "whole numbers": (lambda: exr(Z=SLOPE).replace(b"Z\0\2\0\0\0", b"Z\0\0\0\0\0"), "holds whole numbers"),
    "an unknown kind of numbers": (lambda: exr(Z=SLOPE).replace(b"Z\0\2\0\0\0", b"Z\0\x09\0\0\0"), "Blender finds no picture of depth"),
    "blocks nowhere": (lambda: offsets(exr(), 2**63), BROKEN),
    "blocks in the header": (lambda: offsets(exr(), 4), BROKEN),
    "blocks at the end": (lambda: offsets(exr(), len(exr())), BROKEN),
    "no channels": (lambda: changed(exr(), b"channels", b"\0"), "has no channels"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXRS)
def test_an_exr(generate, tmp_path, name):
    make, words = EXRS[name]
    path = tmp_path / "depth.exr"
    path.write_bytes(make())
    outcome = generate(metric_depth=DepthFile(path))
    assert_told(outcome, words)


def png16(values) -> bytes:
    return b"".join(png_content(np.repeat((values * 1000).astype(np.uint16)[..., None], 3, 2)))


PNGS = {
    "plain": (lambda: png16(SLOPE), ""),
    "8 bits": (lambda: b"".join(png_content(np.zeros((16, 24, 3), np.uint8))), "has 8 bits"),
    "black": (lambda: png16(0 * SLOPE), NOTHING),
    "cut": (lambda: png16(SLOPE)[:60], "Blender cannot read"),
    "empty": (lambda: b"", "Blender cannot read"),
    "an EXR that breaks off": (lambda: exr()[:-9], "Blender cannot read"),
    "of another shape": (lambda: png16(SLOPE.T), PROPORTIONS),
}  # fmt: skip


@pytest.mark.parametrize("name", PNGS)
def test_a_png(generate, tmp_path, name):
    make, words = PNGS[name]
    path = tmp_path / "depth.png"
    path.write_bytes(make())
    outcome = generate(metric_depth=DepthFile(path))
    assert_told(outcome, words)


@pytest.mark.parametrize("suffix", [".npy", ".exr", ".png", ".csv"])
def test_a_name_of_other_bytes_than_utf8(generate, tmp_path, suffix):
    path = tmp_path / os.fsdecode(b"caf\xe9" + suffix.encode())
    if suffix == ".csv":
        path.write_bytes(b"u,v,depth\n3,4,2\n9,9,2.5\n")
        outcome = generate(metric_points=PointsFile(path), fov=50)
    else:
        path.write_bytes({".npy": npy(SLOPE), ".exr": exr(), ".png": png16(SLOPE)}[suffix])
        outcome = generate(metric_depth=DepthFile(path))
    assert_told(outcome, "")


CAMERAS = {
    "nobody": (dict(intrinsics=(0, 0, 0, 0)), "the first two above zero"),
    "NaN": (dict(intrinsics=(np.nan, 20, 12, 8)), "the first two above zero"),
    "infinite": (dict(intrinsics=(np.inf, 20, 12, 8)), "the first two above zero"),
    "a center of NaN": (dict(intrinsics=(20, 20, np.nan, 8)), "the first two above zero"),
    "a center of infinity": (dict(intrinsics=(20, 20, 12, -np.inf)), "the first two above zero"),
    "negative": (dict(intrinsics=(-20, 20, 12, 8)), "the first two above zero"),
    "three numbers": (dict(intrinsics=(20, 20, 12)), "the first two above zero"),
    "words": (dict(intrinsics=("a", "b", "c", "d")), "the first two above zero"),
    "1e-30": (dict(intrinsics=(1e-30, 1e-30, 12, 8)), ""),
    "1e30": (dict(intrinsics=(1e30, 1e30, 12, 8)), ""),
    "a center far outside": (dict(intrinsics=(20, 20, 1e9, -1e9)), ""),
    "pixels a thousand times as high": (dict(intrinsics=(20, 20_000, 12, 8)), ""),
    "no field of view": (dict(fov=0), "degrees"),
    "half a turn": (dict(fov=180), "degrees"),
    "more than a turn": (dict(fov=400), "degrees"),
    "a negative field": (dict(fov=-50), "degrees"),
    "a field of NaN": (dict(fov=np.nan), "degrees"),
    "a millionth of a degree": (dict(fov=1e-6), ""),
    "almost half a turn": (dict(fov=179.9999), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CAMERAS)
def test_a_camera(generate, name):
    camera, words = CAMERAS[name]
    outcome = generate(**camera)
    assert_told(outcome, words)


def ply(header, body=b""):
    return b"ply\n" + header.encode() + b"\nend_header\n" + body


XYZ = "element vertex {}\nproperty float x\nproperty float y\nproperty float z"
POINTS: dict[str, tuple[str, bytes, str]] = {
    "plain": ("a.csv", b"u,v,depth\n3,4,2\n9,9,2.5\n", ""),
    "empty": ("a.csv", b"", "is empty"),
    "names alone": ("a.csv", b"u,v,depth\n", "holds no points"),
    "NaN": ("a.csv", b"u,v,depth\n3,4,nan\n", "no point that the picture shows"),
    "infinite": ("a.csv", b"u,v,depth\n3,4,inf\n", "no point that the picture shows"),
    "behind": ("a.csv", b"u,v,depth\n3,4,-2\n", "no point that the picture shows"),
    "outside": ("a.csv", b"u,v,depth\n300,4,2\n", "no point that the picture shows"),
    "1e300": ("a.csv", b"u,v,depth\n3,4,1e300\n", ""),
    "1e400": ("a.csv", b"u,v,depth\n3,4,1e400\n", "no point that the picture shows"),
    "1e-300": ("a.csv", b"u,v,depth\n3,4,1e-300\n", ""),
    "words": ("a.csv", b"u,v,depth\n3,4,far\n", "three numbers in line 2"),
    "a column short": ("a.csv", b"u,v,depth\n3,4\n", "three numbers in line 2"),
    "other columns": ("a.csv", b"a,b,c\n3,4,5\n", "rename them"),
    "a formula": ("a.csv", b"u,v,depth\n=1+1,4,2\n", "three numbers in line 2"),
    "underscores": ("a.csv", b"u,v,depth\n1_0,4,2\n", ""),
    "zeros": ("a.csv", bytes(500), "is no text"),
    "UTF-16": ("a.csv", "u,v,depth\n3,4,2\n".encode("utf-16"), ""),
    "half of UTF-16": ("a.csv", "u,v,depth\n3,4,2\n".encode("utf-16")[:-1], "three numbers in line 2"),
    "a line of megabytes": ("a.csv", b"u,v,depth\n" + b"3," * 2_000_000, ""),
    "binary": ("a.csv", bytes(range(256)) * 9, "is no text"),
    "old ends of lines": ("a.csv", b"u,v,depth\r3,4,2\r", ""),
    "no PLY": ("a.ply", b"nothing", "is no PLY file"),
    "an empty PLY": ("a.ply", b"", "is empty"),
    "PLY without a format": ("a.ply", ply(XYZ.format(1), b"0 0 2\n"), "is cut short or damaged"),
    "PLY of an unknown format": ("a.ply", ply("format hex 1.0\n" + XYZ.format(1)), "is cut short or damaged"),
    "PLY without vertices": ("a.ply", ply("format ascii 1.0\nelement face 0\nproperty list uchar int a"), "no vertices with x, y and z"),
    "PLY of no points": ("a.ply", ply("format ascii 1.0\n" + XYZ.format(0)), "holds no points"),
    "PLY of fewer points": ("a.ply", ply("format ascii 1.0\n" + XYZ.format(9), b"0 0 2\n"), "is cut short or damaged"),
    "PLY of 2^62 points": ("a.ply", ply("format ascii 1.0\n" + XYZ.format(2**62), b"0 0 2\n"), "is cut short or damaged"),
    "binary PLY of 2^62 points": ("a.ply", ply("format binary_little_endian 1.0\n" + XYZ.format(2**62), bytes(12)), "is cut short or damaged"),
    "PLY of -1 points": ("a.ply", ply("format ascii 1.0\n" + XYZ.format(-1)), "is cut short or damaged"),
    "PLY of words": ("a.ply", ply("format ascii 1.0\n" + XYZ.format(1), b"a b c\n"), "is cut short or damaged"),
    "PLY with x twice": ("a.ply", ply("format binary_little_endian 1.0\n" + XYZ.format(1) + "\nproperty float x", bytes(16)), "is cut short or damaged"),
    "PLY of lists of 2^31": ("a.ply", ply("format binary_little_endian 1.0\nelement face 2\nproperty list int double a\n" + XYZ.format(1), b"\xff\xff\xff\x7f" * 9), "is cut short or damaged"),
    "PLY of lists of -1": ("a.ply", ply("format binary_little_endian 1.0\nelement face 9\nproperty list int double a\n" + XYZ.format(1), b"\xff" * 99), "is cut short or damaged"),
    "PLY of a million empty elements": ("a.ply", ply("format binary_little_endian 1.0\nelement face 1000000\n" + XYZ.format(1), struct.pack("<3f", 0, 0, 2)), ""),
    "COLMAP alone": ("points3D.txt", b"1 0 0 2 0 0 0 0.5\n", "has no images.txt in its folder"),
    "COLMAP of another name": ("a.bin", bytes(99), "should be points3D.bin"),
}  # fmt: skip


@pytest.mark.parametrize("name", POINTS)
def test_points(generate, tmp_path, name):
    file, content, words = POINTS[name]
    (tmp_path / file).write_bytes(content)
    outcome = generate(metric_points=PointsFile(tmp_path / file), fov=50)
    assert_told(outcome, words)


IMAGES = b"1 1 0 0 0 0 0 0 1 plate.png\n3 4 1\n"
CAMERA = b"1 PINHOLE 24 16 20 20 12 8\n"
COLMAP: dict[str, tuple[dict[str, bytes], str]] = {
    "plain": ({}, ""),
    "no images": ({"images.txt": b""}, "has no image of the name plate.png"),
    "no cameras": ({"cameras.txt": b""}, "has no camera 1"),
    "no points": ({"points3D.txt": b""}, "no point that the picture shows"),
    "images of words": ({"images.txt": b"a b c d e f g h i plate.png\n3 4 1\n"}, "is cut short or damaged"),
    "a rotation of zeros": ({"images.txt": IMAGES.replace(b"1 1 0 0 0", b"1 0 0 0 0")}, "is cut short or damaged"),
    "a rotation of NaN": ({"images.txt": IMAGES.replace(b"1 1 0 0 0", b"1 nan 0 0 0")}, "is cut short or damaged"),
    "a half point": ({"images.txt": IMAGES.replace(b"3 4 1\n", b"3 4\n")}, "is cut short or damaged"),
    "a camera without pixels": ({"cameras.txt": CAMERA.replace(b"24 16", b"0 0")}, "is cut short or damaged"),
    "a camera of 10^30 pixels": ({"cameras.txt": CAMERA.replace(b"24 16", b"24" + b"0" * 30 + b" 16" + b"0" * 30)}, ""),
    "a camera of another picture": ({"cameras.txt": CAMERA.replace(b"24 16", b"99 16")}, "not the proportions"),
    "points of words": ({"points3D.txt": b"a b c d e f g h\n"}, "is cut short or damaged"),
    "two of the name": ({"images.txt": IMAGES * 2}, "has more than one plate.png"),
}  # fmt: skip


@pytest.mark.parametrize("name", COLMAP)
def test_a_colmap_model(generate, tmp_path, name):
    files, words = COLMAP[name]
    points = b"1 0 0 2 0 0 0 0.5 1 0\n"
    model = {"images.txt": IMAGES, "cameras.txt": CAMERA, "points3D.txt": points} | files
    for file, content in model.items():
        (tmp_path / file).write_bytes(content)
    outcome = generate(metric_points=PointsFile(tmp_path / "points3D.txt"))
    assert_told(outcome, words)


BINARY: dict[str, tuple[dict[str, bytes], str]] = {
    "empty": ({"images.bin": b""}, "is cut short or damaged"),
    "2^63 images": ({"images.bin": struct.pack("<Q", 2**63)}, "is cut short or damaged"),
    "2^60 points of an image": ({"images.bin": struct.pack("<QI7dI", 1, 1, *[1.0] * 7, 1) + b"plate.png\0" + struct.pack("<Q", 2**60)}, "is cut short or damaged"),
    "no end of a name": ({"images.bin": struct.pack("<QI7dI", 1, 1, *[1.0] * 7, 1) + b"plate.png"}, "is cut short or damaged"),
    "an unknown kind of camera": ({"cameras.bin": struct.pack("<QIiQQ", 1, 7, 99, 24, 16)}, "camera of an unknown kind"),
    "2^64 cameras": ({"cameras.bin": b"\xff" * 8}, "is cut short or damaged"),
    "2^64 observations": ({"points3D.bin": struct.pack("<QQ3d3xdQ", 2, 1, 0, 0, 2, 0.5, 2**64 - 1)}, "is cut short or damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", BINARY)
def test_a_binary_colmap_model(generate, tmp_path, name):
    files, words = BINARY[name]
    model = {
        "images.bin": struct.pack("<QI7dI", 1, 1, 1, 0, 0, 0, 0, 0, 0, 1)
        + b"plate.png\0"
        + struct.pack("<Qddq", 1, 3, 4, 1),
        "cameras.bin": struct.pack("<QIiQQ", 1, 1, 0, 24, 16) + struct.pack("<3d", 20, 12, 8),
        "points3D.bin": struct.pack("<QQ3d3xdQ", 1, 1, 0, 0, 2, 0.5, 0),
    } | files
    for file, content in model.items():
        (tmp_path / file).write_bytes(content)
    outcome = generate(metric_points=PointsFile(tmp_path / "points3D.bin"))
    assert_told(outcome, words)
