"""The installer of the engine's environment, run beside whatever the user does.

Standard library only.
"""

import atexit
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .environment import spawn_options

# Beside the package, at the top of the extension.
SCRIPT = Path(__file__).resolve().parents[2] / "vendor_install.py"
_LAST_LINES = 200
_END_SECONDS = 10.0  # what a virus scanner holds on to takes a moment to die


@dataclass(frozen=True)
class Progress:
    """How far the installer has come.

    Attributes:
        running: Whether it is still at work.
        code: Its exit code; None while it runs.
        lines: What it wrote last, and what the programs wrote that it runs, those with two spaces
            before them.
    """

    running: bool
    code: int | None
    lines: list[str]

    @property
    def stage(self) -> str:
        """What it said last itself; empty before its first word."""
        return next((line for line in reversed(self.lines) if _is_own(line)), "")

    @property
    def error(self) -> str:
        """Why it failed: its last words, with a command that mends it where it names one."""
        lines = [line for line in self.lines if not line.startswith("The log is ")]
        own = [number for number, line in enumerate(lines) if _is_own(line)]
        if not own:
            return f"The installer ended with exit code {self.code}."
        return " ".join(line.strip() for line in lines[own[-1] :])


class Installer:
    """A run of `vendor_install.py`; a thread of its own listens, so that no call here waits.

    The end of this interpreter ends it.

    Args:
        words: Its command line.
        python: Interpreter that runs it; Blender's own will do.
        script: The installer.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(
        self, words: Sequence[str], *, python: str = sys.executable, script: Path = SCRIPT
    ):
        command = [python, "-u", "-X", "utf8", str(script), *words]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            cwd=script.parent,
            # A group of its own on POSIX, to be ended as one; nothing on Windows.
            start_new_session=True,
            **spawn_options(),
        )
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._lock = threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="SharpDepth", daemon=True)
        self._listener.start()
        atexit.register(self.cancel)

    def poll(self) -> Progress:
        """How far it has come. Never blocks."""
        running = self._listener.is_alive()  # before the lines: none comes after the thread's end
        with self._lock:
            lines = list(self._lines)
        return Progress(running, None if running else self._process.returncode, lines)

    def cancel(self) -> None:
        """End it and every program that it runs; what is half made, the next run makes anew."""
        atexit.unregister(self.cancel)
        if self._listener.is_alive():
            _end_tree(self._process)
            self._listener.join(_END_SECONDS)

    def _listen(self) -> None:
        with self._process.stdout as stdout:
            for line in stdout:
                if text := line.rstrip():
                    with self._lock:
                        self._lines.append(text)
        self._process.wait()
        atexit.unregister(self.cancel)


def _is_own(line: str) -> bool:
    return not line.startswith(" ")


def _end_tree(process: subprocess.Popen) -> None:
    """Kill a process and all that it started."""
    if os.name == "nt":
        words = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(words, capture_output=True, check=False, **spawn_options())
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)  # it leads the group, which may outlive it
    except ProcessLookupError:
        pass  # all of it has ended by itself
