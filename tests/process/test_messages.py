"""Lines and arrays."""

import numpy as np
import pytest

from sharpdepth_blender.process.arrays import load_array, save_array
from sharpdepth_blender.process.connection import explain_exit
from sharpdepth_blender.process.errors import JobError
from sharpdepth_blender.process.messages import BadMessage, decode, encode


def test_a_message_survives():
    message = {"type": "infer", "path": "C:\\Bäume\n🌲\udcff", "none": None, "number": 1.5}
    line = encode(message)
    assert line.count(b"\n") == 1 and line.isascii() and decode(line) == message
    assert decode(line[:-1] + b"\r\n") == message


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"hello\n", b"[]\n", b"{}\n", b'{"type": 1}\n', b'{"type": "a"}', b"\xff\xfe\n"]
    + [b"[" * 100_000 + b"\n"],
)
def test_what_is_no_message(line):
    with pytest.raises(BadMessage):
        decode(line)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64", "bool"])
def test_an_array_survives(tmp_path, dtype):
    array = (np.arange(24).reshape(4, 6) > 3).astype(dtype)[:, ::-2]
    back = load_array(tmp_path, save_array(tmp_path, "name", array))
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype


def test_nothing_is_unpickled_and_nothing_read_elsewhere(tmp_path):
    np.save(tmp_path / "evil.npy", np.array([{}], object), allow_pickle=True)
    np.save(tmp_path / "outside.npy", np.zeros(3))
    inside = tmp_path / "inside"
    inside.mkdir()
    for folder, file in [(tmp_path, "evil.npy"), (inside, "../outside.npy"), (inside, "none.npy")]:
        with pytest.raises(JobError) as caught:
            load_array(folder, file)
        assert caught.value.kind == "disk_error"


def test_how_a_process_ended():
    assert explain_exit(-9) == "was killed, probably because memory ran out"
    assert explain_exit(-11) == "was terminated by signal 11"
    assert explain_exit(1) == "exited with code 1"
    assert explain_exit(3221225477) == "exited with code 0xc0000005"
