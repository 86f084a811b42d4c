# ruff: noqa: E501  (bytes of files)
"""Files changed at random: read, or refused by one sentence."""

import io
import json
import struct

import numpy as np
import pytest

pytest.importorskip("hypothesis")
pytest.importorskip("bpy")
from hypothesis import given
from hypothesis import strategies as st

from sharpdepth_blender.geometry import Intrinsics, exr_content, png_content
from sharpdepth_blender.geometry.picture_size import picture_size
from sharpdepth_blender.library import LibraryError
from sharpdepth_blender.library.contents import check_file
from sharpdepth_blender.library.pins import read_pin
from sharpdepth_blender.library.record import FILE, read_record
from sharpdepth_blender.process.messages import BadMessage, decode
from sharpdepth_blender.scene import DepthFileError, read_metric_depth, read_metric_points
from sharpdepth_blender.scene.exr_layout import BrokenLayout, check_whole
from tests.faults.conftest import assert_sentence
from tests.faults.generated import changed, quickly
from tests.library.loopback import safetensors

SLOPE = np.repeat(np.linspace(2, 3, 16, dtype=np.float32)[:, None], 24, axis=1)
LENS = Intrinsics(20, 20, 12, 8, 24, 16)


def npy():
    file = io.BytesIO()
    np.save(file, SLOPE)
    return file.getvalue()


PLY = (
    b"ply\nformat binary_little_endian 1.0\nelement face 1\nproperty list uchar int a\n"
    b"element vertex 2\nproperty float x\nproperty float y\nproperty float z\nend_header\n\1\0\0\0\0"
    + struct.pack("<6f", 0, 0, 2, 0.1, 0.1, 3)
)
TEXT_PLY = (
    b"ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\n"
    b"property float z\nend_header\n0 0 2\n0.1 0.1 3\n"
)
TABLE = b"x,y,z,name\n0,0,2,a\n0.1,0.1,3,b\n"
MODEL = {
    "images.txt": b"# images\n1 1 0 0 0 0 0 0 1 plate.png\n3 4 1 5 6 -1\n",
    "cameras.txt": b"# cameras\n1 PINHOLE 24 16 20 20 12 8\n",
    "points3D.txt": b"# points\n1 0 0 2 0 0 0 0.5 1 0\n",
}
BINARY_MODEL = {
    "images.bin": struct.pack("<QI7dI", 1, 1, 1, 0, 0, 0, 0, 0, 0, 1)
    + b"plate.png\0"
    + struct.pack("<Qddq", 1, 3, 4, 1),
    "cameras.bin": struct.pack("<QIiQQ3d", 1, 1, 0, 24, 16, 20, 12, 8),
    "points3D.bin": struct.pack("<QQ3d3xdQ", 1, 1, 0, 0, 2, 0.5, 0),
}
RECORD = json.dumps(
    {
        "weights": "a",
        "source": "b",
        "revision": "",
        "when": "",
        "files": {"a": {"bytes": 5}},
        "notes": [],
    }
).encode()
PIN = json.dumps({"revision": "a", "files": {"a": "b"}}).encode()


def is_read(read, *arguments, **settings):
    """Whether it is read; else there is a sentence."""
    try:
        values = read(*arguments, **settings)
    except DepthFileError as error:
        assert_sentence(str(error).replace("\n", " "))
        return None
    return values


@quickly
@given(content=changed(npy()))
def test_an_array(tmp_path, content):
    (tmp_path / "depth.npy").write_bytes(content)
    depth = is_read(read_metric_depth, tmp_path / "depth.npy", 24, 16)
    assert depth is None or (
        depth.shape == (16, 24) and np.isfinite(depth).all() and depth.max() > 0
    )


@quickly
@given(content=changed(b"".join(exr_content({"Z": SLOPE, "A": SLOPE}))))
def test_an_exr(tmp_path, content):
    (tmp_path / "depth.exr").write_bytes(content)
    depth = is_read(read_metric_depth, tmp_path / "depth.exr", 24, 16)
    assert depth is None or (depth.shape == (16, 24) and np.isfinite(depth).all())
    try:
        check_whole(tmp_path / "depth.exr")
    except BrokenLayout:
        assert depth is None


@quickly
@given(content=changed(PLY) | changed(TEXT_PLY))
def test_a_ply(tmp_path, content):
    (tmp_path / "a.ply").write_bytes(content)
    found = is_read(read_metric_points, tmp_path / "a.ply", 24, 16, intrinsics=LENS)
    assert found is None or np.isfinite(found[0]).all()


@quickly
@given(content=changed(TABLE) | st.binary(max_size=99) | st.text(max_size=99).map(str.encode))
def test_a_table(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    found = is_read(read_metric_points, tmp_path / "a.csv", 24, 16, intrinsics=LENS)
    assert found is None or np.isfinite(found[0]).all()


@pytest.mark.parametrize("model", [MODEL, BINARY_MODEL], ids=["text", "binary"])
@quickly
@given(data=st.data())
def test_a_colmap_model(tmp_path, model, data):
    spoilt = data.draw(st.sampled_from(sorted(model)))
    for name, content in model.items():
        (tmp_path / name).write_bytes(data.draw(changed(content)) if name == spoilt else content)
    points = next(tmp_path / name for name in model if name.startswith("points"))
    found = is_read(read_metric_points, points, 24, 16, image="plate.png")
    assert found is None or np.isfinite(found[0]).all()


@quickly
@given(content=changed(safetensors(1, 300)))
def test_a_file_of_weights(tmp_path, content):
    (tmp_path / "a.safetensors").write_bytes(content)
    try:
        check_file(tmp_path / "a.safetensors")
    except LibraryError as error:
        assert error.kind == "damaged"
        assert_sentence(str(error))


@quickly
@given(content=changed(RECORD) | st.binary(max_size=60))
def test_a_record(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    record = read_record(tmp_path)
    assert record is None or record.size >= 0


@quickly
@given(content=changed(PIN) | st.binary(max_size=60))
def test_a_pin(tmp_path, content):
    (tmp_path / ".pins").mkdir(exist_ok=True)
    (tmp_path / ".pins" / "a.json").write_bytes(content)
    pin = read_pin(tmp_path, "a")
    assert pin is None or pin.files is not None


@quickly
@given(line=changed(b'{"type": "progress", "id": 1, "stage": "a"}\n') | st.binary(max_size=60))
def test_a_message(line):
    try:
        assert isinstance(decode(line)["type"], str)
    except BadMessage:
        pass


@quickly
@given(
    content=changed(b"".join(png_content(np.zeros((4, 5, 3), np.uint8)))) | st.binary(max_size=60)
)
def test_the_size_of_a_picture(content):
    size = picture_size(io.BytesIO(content))
    assert size is None or len(size) == 2


@quickly
@given(
    content=st.binary(max_size=80).map(lambda data: b"\xff\xd8\xff" + data)
    | st.binary(max_size=80).map(lambda data: b"II*\0\x08\0\0\0" + data)
)
def test_the_size_of_a_picture_that_begins_well(content):
    size = picture_size(io.BytesIO(content))
    assert size is None or len(size) == 2
