# ruff: noqa: E501  (a table reads best with a case a line)
"""A child that says what no child of ours says: one sentence, and the next job works."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from sharpdepth_blender.process import Engine
from sharpdepth_blender.process.messages import LONGEST, BadMessage, decode
from tests.faults.conftest import REPOSITORY, assert_told

RGB = np.zeros((4, 6, 3), np.uint8)
HELLO = {"type": "hello", "protocol": 6, "python": [3, 12, 1]}
PROGRESS = {"type": "progress", "id": 1, "stage": "a", "fraction": 0.5, "message": "A"}
RESULT = {
    "type": "result",
    "id": 1,
    "arrays": {},
    "values": {"turned": False, "focal_35mm": None, "notes": []},
}
CHILD = """
import os, sys, time
out = os.fdopen(1, "wb", 0)
for _ in range({times}):
    out.write({line!r})
if {line!r}.startswith({hello!r}):
    sys.stdin.buffer.readline()  # a request
{then}
"""
INVALID = "The engine sent an invalid message"


def said(*messages):
    return b"".join(json.dumps(each).encode() + b"\n" for each in messages)


def without(message, name):
    return {key: value for key, value in message.items() if key != name}


# What a child says, and what the user is told; nothing where its result is taken.
CASES = {
    "nothing": (b"", "exited with code 0"),
    "an empty line": (b"\n", INVALID),
    "half a line": (said(HELLO)[:-9], INVALID),
    "half a line after the hello": (said(HELLO) + b'{"type": "prog', INVALID),
    "no line for megabytes": (said(HELLO) + b"[" * (2 * LONGEST), INVALID),
    "zeros": (said(HELLO) + bytes(5000) + b"\n", INVALID),
    "no UTF-8": (said(HELLO) + b'{"type": "\xff\xfe"}\n', INVALID),
    "a number": (said(HELLO) + b"17\n", INVALID),
    "a list": (said(HELLO) + b"[1]\n", INVALID),
    "null": (said(HELLO) + b"null\n", INVALID),
    "nested deeply": (said(HELLO) + b"[" * 100_000 + b"]" * 100_000 + b"\n", INVALID),
    "a number of many digits": (said(HELLO) + b'{"type": "a", "id": ' + b"9" * 9999 + b"}\n", INVALID),
    "two messages in a line": (said(HELLO) + said(PROGRESS)[:-1] + said(RESULT), INVALID),
    "no type": (said(HELLO, without(PROGRESS, "type")), INVALID),
    "a type that is none": (said(HELLO, PROGRESS | {"type": 5}), INVALID),
    "an unknown type": (said(HELLO, {"type": "shutdown", "id": 1}), INVALID),
    "no id": (said(HELLO, without(PROGRESS, "id")), INVALID),
    "another id": (said(HELLO, RESULT | {"id": 99}), "exited with code 0"),
    "another id first": (said(HELLO, PROGRESS | {"id": 0}, RESULT | {"id": 7}, RESULT), ""),
    "an id that is a word": (said(HELLO, RESULT | {"id": "1"}), "exited with code 0"),
    "an unasked heard": (said(HELLO, {"type": "heard", "id": 1}, RESULT), ""),
    "hello twice": (said(HELLO, HELLO | {"id": 1}, RESULT), INVALID),
    "no hello": (said(RESULT), "restart Blender"),
    "an older protocol": (said(HELLO | {"protocol": 1}), "restart Blender"),
    "a newer protocol": (said(HELLO | {"protocol": 10**9}), "restart Blender"),
    "a protocol that is a word": (said(HELLO | {"protocol": "6"}), "restart Blender"),
    "no protocol": (said(without(HELLO, "protocol")), "restart Blender"),
    "no version of Python": (said(without(HELLO, "python")), INVALID),
    "a version that is a number": (said(HELLO | {"python": 3}), INVALID),
    "a version of words": (said(HELLO | {"python": ["three"]}), INVALID),
    "an old Python": (said(HELLO | {"python": [2, 7, 18]}), "requires Python 3.11 or later"),
    "progress without a stage": (said(HELLO, without(PROGRESS, "stage")), INVALID),
    "progress without a fraction": (said(HELLO, without(PROGRESS, "fraction")), INVALID),
    "depth that is no name": (said(HELLO, PROGRESS | {"metric_depth": 5}), INVALID),
    "depth that is nowhere": (said(HELLO, PROGRESS | {"metric_depth": "none.npy", "intrinsics": [1, 1, 0, 0]}), "is missing or not whole"),
    "depth outside the folder": (said(HELLO, PROGRESS | {"metric_depth": "../../../../etc/passwd", "intrinsics": [1, 1, 0, 0]}), "is missing or not whole"),
    "depth without a camera": (said(HELLO, PROGRESS | {"metric_depth": "none.npy"}), "is missing or not whole"),
    "a result without values": (said(HELLO, without(RESULT, "values")), INVALID),
    "a result without arrays": (said(HELLO, without(RESULT, "arrays")), INVALID),
    "a result of other values": (said(HELLO, RESULT | {"values": {"turned": True}}), INVALID),
    "values that are a list": (said(HELLO, RESULT | {"values": []}), INVALID),
    "arrays that are a word": (said(HELLO, RESULT | {"arrays": "rgb"}), INVALID),
    "arrays of another name": (said(HELLO, RESULT | {"arrays": {"evil": "rgb.npy"}}), "is missing or not whole"),
    "an error without a kind": (said(HELLO, {"type": "error", "id": 1, "message": "A.", "log": ""}), INVALID),
    "an error without words": (said(HELLO, {"type": "error", "id": 1, "kind": "bad_image", "log": ""}), INVALID),
    "an error": (said(HELLO, {"type": "error", "id": 1, "kind": "bad_image", "message": "It is no picture.", "log": ""}), "It is no picture."),
}  # fmt: skip


def child(folder, line, times=1, then=""):
    """An interpreter that is a script which says something."""
    program, script = folder / "program.py", folder / "python"
    program.write_text(CHILD.format(line=line, hello=said(HELLO), times=times, then=then))
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{program}" "$@"\n')
    script.chmod(0o755)
    return script


@pytest.mark.parametrize("name", CASES)
def test_a_message(harmless, tmp_path, name):
    line, words = CASES[name]
    script = child(tmp_path, line)

    def ask():
        with Engine(script) as engine:
            return engine.read_picture("a.png").wait()

    assert_told(harmless(ask), words)


def test_a_flood_of_progress_does_not_fill_the_memory(harmless, tmp_path):
    """100 MB of messages that nobody polls, then the result."""
    long = said(PROGRESS | {"message": "A" * 1000})
    line = said(HELLO) + long * 100
    then = f"for _ in range(1000): out.write({long!r} * 100)\nout.write({said(RESULT)!r})"
    script = child(tmp_path, line, then=then)

    def ask():
        with Engine(script) as engine:
            job = engine.read_picture("a.png")
            while not job.done:
                time.sleep(0.01)
            return job

    job = harmless(ask).value
    assert job.outcome.notes == [] and len(job.poll()) <= 1001


def test_a_flood_is_cancelled_at_once(harmless, tmp_path):
    then = f"while True: out.write({said(PROGRESS)!r} * 1000)"
    script = child(tmp_path, said(HELLO), then=then)

    def ask():
        with Engine(script, cancel_seconds=0.2) as engine:
            job = engine.read_picture("a.png")
            while not job.poll():
                time.sleep(0.01)
            job.cancel()
            return job.wait()

    assert harmless(ask).kind == "cancelled"


def test_a_flood_of_errors_keeps_its_last_lines(harmless, tmp_path):
    then = "err = os.fdopen(2, 'wb', 0)\nfor _ in range(100): err.write(b'x' * 999 + b'\\n')\nerr.write(b'the end\\n')"
    script = child(tmp_path, said(HELLO), then=then)

    def ask():
        with Engine(script) as engine:
            return engine.read_picture("a.png").wait()

    assert_told(harmless(ask), "Its last output: “the end”.")


def test_decode_takes_a_message_or_refuses():
    assert decode(said(PROGRESS)) == PROGRESS
    for line in (b"", b"{}\n", b"NaN\n", b'{"type": null}\n', b'{"type": "a"}'):
        with pytest.raises(BadMessage):
            decode(line)


# What a parent may say, and what the child makes of it.
ASKED = {
    "unknown fields": ({"type": "infer", "rgb": "rgb.npy", "evil": 1}, "has unknown fields: evil"),
    "no picture": ({"type": "infer"}, "lacks fields: rgb"),
    "an array that is nowhere": ({"type": "infer", "rgb": "../../rgb.npy"}, "is missing or not"),
    "a path with a zero": ({"type": "picture", "path": "a\0b", "shown": False}, "File not found"),
    "weights nobody knows": ({"type": "get_weights", "name": "../evil"}, "Unknown weights ../evil"),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_request(harmless, reader, name):
    request, words = ASKED[name]
    assert_told(harmless(lambda: reader._worker.submit(request, {}).wait()), words)


@pytest.mark.parametrize(
    "line", [b"garbage\n", b'{"type": "pict', b'{"id": 1}\n', bytes(9) + b"\n"]
)
def test_a_child_that_is_told_garbage_ends_and_leaves_nothing(tmp_path, line):
    """As when a parent is killed while it writes."""
    folder = tmp_path / "of the child"
    folder.mkdir()
    boot = "from sharpdepth_blender.process.server import main; import sys; main(sys.argv[1])"
    command = [sys.executable, "-c", boot, folder]
    ended = subprocess.run(command, input=line, capture_output=True, timeout=60, cwd=REPOSITORY)
    assert json.loads(ended.stdout)["type"] == "hello"
    assert ended.returncode == 0 and not folder.exists()
