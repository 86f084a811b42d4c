"""Many pictures at once, some of which are canceled: the others come, and nothing else is left."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks.night import MOMENTS, draw, spend
from sharpdepth_blender.process import Engine


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux tells of them")
@pytest.mark.usefixtures("addon")
def test_a_dozen_pictures_with_cancels_between(tmp_path, monkeypatch, capfd):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    pictures = draw(12, tmp_path)
    with Engine() as engine:
        night = spend(pictures, engine, "preview", 32)
        (pid,) = night.pids
        assert len(list(temporary.iterdir())) == 1  # the child's own, while it lives
    assert night.canceled == dict(zip(MOMENTS, (2, 1, 1), strict=True)) and not night.errors
    assert night.made == [path.stem for index, path in enumerate(pictures) if index % 3 != 1]
    assert not night.left and not list(temporary.iterdir())
    assert not Path(f"/proc/{pid}").exists() or os.waitpid(pid, os.WNOHANG)
    assert "Traceback" not in "".join(capfd.readouterr())
