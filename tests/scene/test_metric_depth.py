import os
import struct
import zlib

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import write_exr
from sharpdepth_blender.scene import DepthFileError, read_metric_depth, write_depth_exr

WIDTH, HEIGHT = 61, 45


def depth():
    return np.random.default_rng(0).uniform(0.1, 60, (HEIGHT, WIDTH)).astype(np.float32)


def write_png(path, values, bits=16):
    """A gray PNG, by its description."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    values = np.asarray(values, ">u2" if bits == 16 else "u1")
    head = struct.pack(">IIBBBBB", *values.shape[::-1], bits, 0, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )  # fmt: skip


def test_holes_of_an_exr(tmp_path):
    values = depth()
    holes = [0, -3, np.nan, np.inf, 1e10]
    values[0, :5] = holes
    path = tmp_path / "é depth.exr"
    write_depth_exr(path, values)
    found = read_metric_depth(path, WIDTH, HEIGHT)
    np.testing.assert_array_equal(found[0, :5], 0)
    np.testing.assert_array_equal(found[1:], values[1:])


def test_a_channel_and_a_unit(tmp_path):
    values = depth()
    write_exr(tmp_path / "a.exr", {"R": values * 0, "depth.Z": values, "lidar.V": values * 100})
    found = read_metric_depth(tmp_path / "a.exr", WIDTH, HEIGHT, channel="lidar.v", unit=0.01)
    np.testing.assert_allclose(found, values, rtol=1e-6)
    np.testing.assert_array_equal(read_metric_depth(tmp_path / "a.exr", WIDTH, HEIGHT), values)


def test_png_in_millimeters_to_the_last_bit(tmp_path):
    path = tmp_path / "depth.png"
    values = np.arange(65536).reshape(256, 256)
    write_png(path, values)
    found = read_metric_depth(path, 256, 256)
    np.testing.assert_array_equal(found, values.astype(np.float32) * np.float32(0.001))
    found = read_metric_depth(path, 256, 256, unit=1 / 256)
    np.testing.assert_array_equal(found, values / 256)
    assert len(bpy.data.images) == 0


@pytest.mark.parametrize("kind", ["f8", "f2", "u2", ">f4"])
def test_arrays(kind, tmp_path):
    values = depth().round()
    np.save(tmp_path / "a.npy", values[None].astype(kind))
    np.testing.assert_array_equal(read_metric_depth(tmp_path / "a.npy", WIDTH, HEIGHT), values)


def claim(path, shape):
    """Write a header of such an array, and nothing of the array."""
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)


def test_a_map_in_fortran_order(tmp_path):
    values = np.asfortranarray(depth())
    np.save(tmp_path / "a.npy", values)
    np.testing.assert_array_equal(read_metric_depth(tmp_path / "a.npy", WIDTH, HEIGHT), values)


def test_a_scanner_s_small_map(tmp_path):
    write_depth_exr(tmp_path / "a.exr", np.full((9, 12), 2, np.float32))
    found = read_metric_depth(tmp_path / "a.exr", 400, 300)
    assert found.shape == (300, 400) and (found == 2).all()


@pytest.mark.parametrize(
    ("name", "write", "words"),
    [
        ("a.exr", lambda path: write_depth_exr(path, np.full((45, 61), 1e10)), "measures nothing"),
        ("a.exr", lambda path: write_depth_exr(path, np.ones((45, 60))), "60 x 45 .*61 x 45"),
        ("a.exr", lambda path: path.write_bytes(b"no"), "not an EXR"),
        ("a.exr", lambda path: os.mkfifo(path), "cannot be read: It is a device or a pipe."),
        ("a.exr", lambda path: path.symlink_to("/dev/zero"), "It is a device or a pipe."),
        ("a.png", lambda path: path.write_bytes(b"no"), "cannot read|no picture"),
        ("a.png", lambda path: write_png(path, np.ones((45, 61)), 8), "8 bits"),
        ("a.png", lambda path: None, "does not exist"),
        ("a.npy", lambda path: path.write_bytes(b"no"), "numpy wrote"),
        ("a.npy", lambda path: None, "does not exist"),
        ("a.npy", lambda path: os.mkfifo(path), "does not exist"),
        ("a.npy", lambda path: path.symlink_to(path), "does not exist"),
        ("a.npy", lambda path: claim(path, (1_000_000, 1_000_000)), "numpy wrote"),
        ("a.npy", lambda path: np.save(path, np.ones((45, 61, 3))), "shape"),
        ("a.npy", lambda path: np.save(path, np.ones((45, 61)) > 0), "real numbers"),
    ],
)
def test_what_is_wrong_is_said(name, write, words, tmp_path):
    path = tmp_path / name
    write(path)
    with pytest.raises(DepthFileError, match=words):
        read_metric_depth(path, WIDTH, HEIGHT)
    assert len(bpy.data.images) == 0
