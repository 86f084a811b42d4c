"""A child process, its messages and its log."""

import os
import queue
import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from .arrays import make_folder
from .environment import spawn_options
from .errors import JobError
from .messages import LONGEST, BadMessage, decode, encode, excerpt

_PACKAGE = Path(__file__).resolve().parents[1]
# In Blender the package has another name; the child imports it by its name on disk.
_BOOT = (
    "import importlib, sys; sys.path.insert(0, sys.argv[1]); "
    "importlib.import_module(sys.argv[2] + '.process.server').main(sys.argv[3])"
)
_LAST_LINES = 60
_MOST_WAITING = 100  # messages
_TICK = 0.01  # seconds
_PATIENCE = 1.0  # seconds for operations that are normally instantaneous


class Connection:
    """A running child and the threads that listen to it.

    Args:
        python: Interpreter to run it in.
        environ: Additional environment variables.

    Raises:
        JobError: `child_died`, if it cannot be started; `disk_full` or `disk_error` for its
            temporary folder.
    """

    def __init__(self, python: Path, environ: Mapping[str, str]):
        self.python, self._stamp = python, _stamp_of(python)
        options = spawn_options()
        options["env"].update(environ)
        # Libraries leave caches in the temporary folder, so the child has one of its own.
        self._folder = make_folder()
        command = [
            python, "-I", "-X", "utf8", "-c", _BOOT, _PACKAGE.parent, _PACKAGE.name, self._folder
        ]  # fmt: skip
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                [str(word) for word in command],
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                cwd=python.parent,
                **options,
            )
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise JobError(
                "child_died", f"Cannot start the engine's Python {python}: {error.strerror}."
            ) from error
        # Of a few messages, so that a child that floods waits rather than fills the memory.
        self._messages: queue.Queue[dict | BadMessage] = queue.Queue(_MOST_WAITING)
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._listeners = [
            threading.Thread(target=listen, name="SharpDepth engine", daemon=True)
            for listen in (self._read_messages, self._read_lines)
        ]
        for listener in self._listeners:
            listener.start()

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._process.poll() is None

    @property
    def is_current(self) -> bool:
        """Whether its interpreter is still the one that it was started with.

        If not, the environment was removed, moved or installed anew, and it cannot import more.
        """
        return self._stamp is not None and _stamp_of(self.python) == self._stamp

    def send(self, message: dict) -> None:
        """Send a message.

        Raises:
            JobError: `child_died`.
        """
        try:
            self._process.stdin.write(encode(message))
            self._process.stdin.flush()
        except OSError as error:
            raise self._death() from error

    def receive(self, timeout: float) -> dict | None:
        """Return the next message, or None after `timeout` seconds.

        Raises:
            JobError: `child_died`, or `bad_message` if the child wrote something else.
        """
        # Checked before the queue, so that messages sent before the child died are still read.
        over = not self.alive or not self._listeners[0].is_alive()
        if over and self._messages.empty():
            self._listeners[0].join(_PATIENCE)
        try:
            message = self._messages.get(timeout=0 if over else timeout)
        except queue.Empty:
            if over:
                raise self._death() from None
            return None
        if isinstance(message, BadMessage):
            raise self._refusal(str(message)) from message
        return message

    def refuse(self, message: dict, error: Exception) -> NoReturn:
        """End a child whose message lacks something, or has something else in its place.

        Raises:
            JobError: `bad_message`.
        """
        raise self._refusal(excerpt(encode(message))) from error

    def end(self, patience: float = _PATIENCE) -> None:
        """Stop the child by closing its stdin; kill it after `patience` seconds."""
        try:
            self._process.stdin.close()
        except OSError:
            pass  # a broken pipe, if it is already dead
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        until = time.monotonic() + _PATIENCE
        while any(each.is_alive() for each in self._listeners) and time.monotonic() < until:
            with suppress(queue.Empty):  # one waits to put its message where there is no room
                self._messages.get(timeout=_TICK)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _refusal(self, said: str) -> JobError:
        self.end(patience=0)
        return JobError(
            "bad_message", f"The engine sent an invalid message: “{said}”.", self._log()
        )

    def _death(self) -> JobError:
        """Describe how a silent child ended."""
        self.end()
        last = f" Its last output: “{self._lines[-1]}”." if self._lines else ""
        how = explain_exit(self._process.returncode)
        return JobError("child_died", f"The engine process {how}.{last}", self._log())

    def _log(self) -> str:
        return "\n".join(self._lines)

    def _read_messages(self) -> None:
        with self._process.stdout as stdout:
            while line := stdout.readline(LONGEST):
                try:
                    self._messages.put(decode(line))
                except BadMessage as error:
                    self._messages.put(error)
                    return

    def _read_lines(self) -> None:
        with self._process.stderr as stderr:
            while line := stderr.readline(LONGEST):
                # A progress bar redraws its line.
                text = line.decode(errors="replace").rstrip().rpartition("\r")[2]
                if text:
                    self._lines.append(text)


def _stamp_of(python: Path) -> tuple[int, int] | None:
    """What tells an interpreter, or the link to one, from another in its place; None without."""
    try:
        found = os.lstat(python)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def explain_exit(code: int) -> str:
    """Describe an exit code, as the end of a sentence."""
    if code == -9:
        return "was killed, probably because memory ran out"
    if code < 0:
        return f"was terminated by signal {-code}"
    # Windows reports a crash as a large number, usually written in hexadecimal.
    return f"exited with code {code if code < 256 else hex(code)}"
