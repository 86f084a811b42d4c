import os
import struct
import zlib

import numpy as np
import pytest

from sharpdepth_blender.geometry import exr_content, round_to_24_bits, write_exr


def read_exr(path):
    """Read what `write_exr` writes, by the format's own description: attributes and channels."""
    content = path.read_bytes()
    magic, version = struct.unpack_from("<II", content)
    assert magic == 20000630 and version & 0xFF == 2
    attributes, position = {}, 8
    while content[position]:
        name_end = content.index(b"\0", position)
        type_end = content.index(b"\0", name_end + 1)
        (size,) = struct.unpack_from("<i", content, type_end + 1)
        kind = content[name_end + 1 : type_end].decode()
        data = content[type_end + 5 : type_end + 5 + size]
        attributes[content[position:name_end].decode()] = kind, data
        position = type_end + 5 + size
    names, kinds = [], []
    data = attributes["channels"][1]
    while data[0]:
        name, rest = data.split(b"\0", 1)
        kind, *others = struct.unpack_from("<iB3xii", rest)
        assert kind in (1, 2) and others == [0, 1, 1]
        names.append(name.decode())
        kinds.append({1: "<f2", 2: "<f4"}[kind])
        data = rest[16:]
    left, top, right, bottom = struct.unpack("<4i", attributes["dataWindow"][1])
    width, height = right + 1 - left, bottom + 1 - top
    line = np.dtype([(f"c{number}", kind, (width,)) for number, kind in enumerate(kinds)])
    values = np.empty(height, line)
    offsets = np.frombuffer(content, "<u8", -(-height // 16), position + 1).astype(int)
    end = position + 1 + offsets.nbytes
    for offset in offsets:
        assert offset == end  # nothing lies between the blocks
        row, size = struct.unpack_from("<ii", content, offset)
        block = content[offset + 8 : offset + 8 + size]
        end = offset + 8 + size
        whole = values[row - top : row - top + 16]
        if size < whole.nbytes and attributes["compression"][1] == b"\5":
            kept = {"<f2": 2, "<f4": 3}
            planes = np.frombuffer(zlib.decompress(block), np.uint8)
            planes = planes.reshape(len(whole), sum(map(kept.get, kinds)), width).astype(np.uint32)
            wide, at = np.zeros_like(whole), 0
            for number, kind in enumerate(kinds):
                of_value = planes[:, at : at + kept[kind]]
                at += kept[kind]
                steps = sum(
                    of_value[:, each] << np.uint32(8 * (kept[kind] - 1 - each))
                    for each in range(kept[kind])
                )
                summed = np.cumsum(steps, axis=1, dtype=np.uint32)
                wide[f"c{number}"] = (
                    summed.astype(np.uint16).view(np.float16)
                    if kind == "<f2"
                    else (summed << np.uint32(8)).view(np.float32)
                )
            block = wide.tobytes()
        elif size < whole.nbytes:
            steps = np.frombuffer(zlib.decompress(block), np.uint8).astype(int)
            steps[1:] -= 128
            apart = np.cumsum(steps).astype(np.uint8)
            mixed = np.empty_like(apart)
            half = (len(apart) + 1) // 2
            mixed[0::2], mixed[1::2] = apart[:half], apart[half:]
            block = mixed.tobytes()
        whole[:] = np.frombuffer(block, line)
    assert end == len(content)
    return attributes, {name: values[f"c{number}"] for number, name in enumerate(names)}


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (16, 3), (17, 5), (45, 61), (97, 31)])
def test_round_trip_is_bit_exact(shape, tmp_path):
    rng = np.random.default_rng(0)
    smooth = np.linspace(1, 9, shape[0] * shape[1]).reshape(shape)
    channels = {
        "R": rng.random(shape),
        "depth.Z": np.where(rng.random(shape) > 0.9, np.nan, smooth),
        "metric_depth.Z": smooth,
        "B": np.zeros(shape),
    }
    path = tmp_path / "é a.exr"
    write_exr(path, channels)
    _, found = read_exr(path)
    assert list(found) == ["B", "R", "depth.Z", "metric_depth.Z"]
    for name, values in channels.items():
        np.testing.assert_array_equal(found[name], values.astype(np.float32))
    assert os.listdir(tmp_path) == ["é a.exr"]


def test_header(tmp_path):
    path = tmp_path / "a.exr"
    white = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)
    attributes = {"comments": "z-depth é", "a/focal": 12.5, "chromaticities": white}
    write_exr(path, {"Z": np.ones((3, 5))}, pixel_aspect=0.5, attributes=attributes)
    found, _ = read_exr(path)
    window = struct.pack("<4i", 0, 0, 4, 2)
    assert found["dataWindow"] == found["displayWindow"] == ("box2i", window)
    assert found["pixelAspectRatio"] == ("float", struct.pack("<f", 0.5))
    assert found["comments"] == ("string", "z-depth é".encode())
    assert found["a/focal"] == ("float", struct.pack("<f", 12.5))
    assert found["chromaticities"] == ("chromaticities", struct.pack("<8f", *white))
    assert found["compression"] == ("compression", b"\3")


def test_long_names_are_told(tmp_path):
    write_exr(tmp_path / "a.exr", {"a" * 40 + ".Z": np.ones((3, 5))})
    assert struct.unpack_from("<I", (tmp_path / "a.exr").read_bytes(), 4) == (2 | 0x400,)


@pytest.mark.parametrize(
    "channels",
    [{}, {"Z": np.ones(3)}, {"Z": np.ones((0, 3))}, {"Y": np.ones((2, 3)), "Z": np.ones((3, 2))}],
)
def test_bad_arrays_leave_the_old_file(channels, tmp_path):
    (tmp_path / "a.exr").write_text("old")
    with pytest.raises(ValueError):
        write_exr(tmp_path / "a.exr", channels)
    assert (tmp_path / "a.exr").read_text() == "old"


def test_a_full_disk_leaves_the_old_file(tmp_path, full_disk):
    path = tmp_path / "a.exr"
    path.write_text("old")
    noise = np.random.default_rng(0).random((200, 200))
    with full_disk(10_000):
        with pytest.raises(OSError):
            write_exr(path, {"Z": noise})
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.exr"]


def test_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        write_exr(tmp_path / "none" / "a.exr", {"Z": np.ones((2, 2))})


@pytest.mark.parametrize("shape", [(1, 1), (17, 5), (45, 61)])
def test_half_and_overscan(shape, tmp_path):
    rng = np.random.default_rng(0)
    channels = {
        "R": rng.random(shape).astype(np.float16),
        "Z": rng.random(shape),
        "mask.A": rng.random(shape).astype(np.float16),
    }
    view = tuple(float(number) for number in range(16))
    write_exr(
        tmp_path / "a.exr", channels, frame=(3, 7, 20, 10), attributes={"worldToCamera": view}
    )
    attributes, found = read_exr(tmp_path / "a.exr")
    for name, values in channels.items():
        assert found[name].dtype == (np.float32 if name == "Z" else np.float16)
        np.testing.assert_array_equal(found[name], values.astype(found[name].dtype))
    data = struct.unpack("<4i", attributes["dataWindow"][1])
    assert data == (-3, -7, shape[1] - 4, shape[0] - 8)
    assert struct.unpack("<4i", attributes["displayWindow"][1]) == (0, 0, 19, 9)
    assert attributes["worldToCamera"] == ("m44f", struct.pack("<16f", *view))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (17, 5), (45, 61)])
def test_compact_floats_of_24_bits(shape, tmp_path):
    rng = np.random.default_rng(0)
    channels = {
        "R": round_to_24_bits(np.exp(rng.uniform(-10, 10, shape))),
        "Z": round_to_24_bits(np.linspace(1, 9, shape[0] * shape[1]).reshape(shape)),
        "half": rng.random(shape).astype(np.float16),
        "steps": np.where(rng.random(shape) > 0.5, np.float32(0), np.float32(4)),
    }
    (tmp_path / "a.exr").write_bytes(b"".join(exr_content(channels, compact=True)))
    attributes, found = read_exr(tmp_path / "a.exr")
    assert attributes["compression"] == ("compression", b"\5")
    for name, values in channels.items():
        np.testing.assert_array_equal(found[name], values)


def test_compact_floats_of_32_bits_keep_them(tmp_path):
    values = np.float32([[1, 2, 3], [4, 5, 1 + 2.0**-16]])
    (tmp_path / "a.exr").write_bytes(b"".join(exr_content({"R": values}, compact=True)))
    attributes, found = read_exr(tmp_path / "a.exr")
    assert attributes["compression"] == ("compression", b"\3")
    np.testing.assert_array_equal(found["R"], values)


def test_rounding_to_24_bits():
    given = np.float32([0, 1, 1 + 2.0**-16, 1 + 2.0**-17, 3, 1e-30, 3e38, -2])
    found = round_to_24_bits(given)
    np.testing.assert_array_equal(found[[0, 1, 2, 3, 4, 7]], [0, 1, 1 + 2.0**-15, 1, 3, -2])
    np.testing.assert_allclose(found, given, rtol=2.0**-16)
    assert not (found.view(np.uint32) & 255).any()
    odd = np.array([0x7FFFFFFF, 0xFFFFFFFF, 0x7F800000, 0x7F800001], np.uint32).view(np.float32)
    assert not (np.isfinite(round_to_24_bits(odd)) & (round_to_24_bits(odd) > 0)).any()
