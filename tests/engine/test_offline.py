"""Offline is offline: nothing connects while a picture is processed."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# Audit hooks see what C code of Python does, too, and cannot be removed.
SCRIPT = """
import sys

reached = []
ATTEMPTS = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"}


def watch(event, arguments):
    if event in ATTEMPTS:
        reached.append((event, arguments))


sys.addaudithook(watch)
import socket

try:
    socket.create_connection(("127.0.0.1", 9), 0.1)
except OSError:
    pass
assert reached, "the hook sees nothing"
reached.clear()

import numpy as np
from sharpdepth_blender.engine import SharpDepth

rgb = np.linspace(0, 1, 48 * 64 * 3, dtype=np.float32).reshape(48, 64, 3)
result = SharpDepth.load("preview", "cpu", "fp32", None).infer(rgb)
assert np.isfinite(result.depth).all()
print(reached)
"""


def test_a_picture_is_processed_without_a_connection():
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
