"""A real, windowed Blender: Debian's own, in a chroot."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
HOST_TOOL = REPOSITORY.parent / "shared" / "tools" / "blender-host"
ENGINE = REPOSITORY / "build" / "engine"


@dataclass(frozen=True)
class Host:
    """A Debian suite's Blender; `run` answers with the finished process."""

    suite: str

    def run(self, *command, fresh=False, gui=False, timeout=300):
        # The engine is a virtual environment of this machine's Python: the host must see both.
        base_python = Path(os.path.realpath(ENGINE / "bin" / "python")).parents[1]
        flags = ["--rw", str(base_python)]
        flags += ["--fresh"] * fresh + ["--gui"] * gui
        return subprocess.run(
            [HOST_TOOL, self.suite, *flags, "--", "env", f"SHARPDEPTH_ENGINE={ENGINE}", *command],
            cwd=REPOSITORY, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip


@pytest.fixture(scope="session")
def host():
    if not HOST_TOOL.exists():
        pytest.skip("the Blender host is not here")
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("the Blender host needs root on Linux")
    return Host("sid")


@pytest.fixture(scope="session")
def installed(host):
    """The host with the extension zip built, installed and enabled by its own Blender."""
    folder = REPOSITORY / "build" / "hosts" / host.suite
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "sharpdepth_blender.zip"
    archive.unlink(missing_ok=True)
    extension = ["blender", "--command", "extension"]
    for command in (
        [*extension, "validate", "."],
        [*extension, "build", "--source-dir", ".", "--output-filepath", archive],
        [*extension, "install-file", "-r", "user_default", "--enable", archive],
    ):
        finished = host.run(*command, fresh="validate" in command)
        assert finished.returncode == 0, finished.stdout + finished.stderr
    return host
