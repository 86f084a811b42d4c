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
    """A Debian suite's Blender; `run` answers with the finished process.

    With a folder, its settings and extensions are there and not the user's own.
    """

    suite: str
    folder: Path | None = None

    def run(self, *command, fresh=False, gui=False, timeout=300):
        # The engine is a virtual environment of this machine's Python: the host must see both.
        base_python = Path(os.path.realpath(ENGINE / "bin" / "python")).parents[1]
        outside = [base_python, *([self.folder] if self.folder else [])]
        if not ENGINE.resolve().is_relative_to(REPOSITORY):
            outside.append(ENGINE.resolve())
        flags = [part for each in outside for part in ("--rw", str(each))]
        flags += ["--fresh"] * fresh + ["--gui"] * gui
        environment = [f"SHARPDEPTH_ENGINE={ENGINE}"]
        if self.folder:
            environment.append(f"BLENDER_USER_RESOURCES={self.folder / 'user'}")
        return subprocess.run(
            [HOST_TOOL, self.suite, *flags, "--", "env", *environment, *command],
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
    install(host, folder / "sharpdepth_blender.zip")
    return host


def install(host, archive):
    """Have a host build the extension zip, install it, and enable it."""
    archive.unlink(missing_ok=True)
    extension = ["blender", "--command", "extension"]
    for command in (
        [*extension, "validate", "."],
        [*extension, "build", "--source-dir", ".", "--output-filepath", archive],
        [*extension, "install-file", "-r", "user_default", "--enable", archive],
    ):
        fresh = "validate" in command and host.folder is None
        finished = host.run(*command, fresh=fresh)
        assert finished.returncode == 0, finished.stdout + finished.stderr
