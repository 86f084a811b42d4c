"""Background run of the installer of the engine's environment.

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
_END_SECONDS = 10.0  # a process held by a virus scanner takes a moment to end


@dataclass(frozen=True)
class Progress:
    """Progress of the installer.

    Attributes:
        running: Whether it is still running.
        code: Its exit code; None while it runs.
        lines: Its last lines of output; lines from its subprocesses are indented by two spaces.
    """

    running: bool
    code: int | None
    lines: list[str]

    @property
    def stage(self) -> str:
        """The last line from the installer itself; empty before the first."""
        return next((line for line in reversed(self.lines) if _is_own(line)), "")

    @property
    def error(self) -> str:
        """The error message: its last lines, including the command to fix it, if any."""
        lines = [line for line in self.lines if not line.startswith("The log is ")]
        own = [number for number, line in enumerate(lines) if _is_own(line)]
        if not own:
            return f"The installer failed with exit code {self.code}."
        return " ".join(line.strip() for line in lines[own[-1] :])


class Installer:
    """A run of `vendor_install.py`; a separate thread reads its output, so no call blocks.

    It ends when this interpreter ends.

    Args:
        words: Command-line arguments.
        python: Interpreter to run it with, such as Blender's.
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
            # A separate process group on POSIX, to be killed as a whole; no effect on Windows.
            start_new_session=True,
            **spawn_options(),
        )
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._lock = threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="SharpDepth", daemon=True)
        self._listener.start()
        atexit.register(self.cancel)

    def poll(self) -> Progress:
        """Return the progress. Never blocks."""
        running = self._listener.is_alive()  # before the lines: none follow after the thread ends
        with self._lock:
            lines = list(self._lines)
        return Progress(running, None if running else self._process.returncode, lines)

    def cancel(self) -> None:
        """Stop it and its subprocesses; the next run starts over."""
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
    """Kill a process and its descendants."""
    if os.name == "nt":
        words = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(words, capture_output=True, check=False, **spawn_options())
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)  # the group leader; the group may outlive it
    except ProcessLookupError:
        pass  # all processes have already ended
