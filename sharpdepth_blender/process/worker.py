"""Worker thread that manages the child and runs jobs on it one by one."""

import atexit
import itertools
import os
import queue
import shutil
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .arrays import load_array, make_folder, save_array
from .connection import Connection
from .environment import EngineMissing, find_interpreter
from .errors import JobError
from .job import (
    DepthResult,
    FillResult,
    Job,
    PictureResult,
    Progress,
    Result,
    StartResult,
    VideoResult,
    WeightsResult,
)
from .messages import PROTOCOL

_OLDEST_PYTHON = (3, 11)
_CLOSE_SECONDS = 10.0  # a hanging graphics driver blocks even a killed process
_START_SECONDS = 60.0  # for an interpreter on a slow disk with a virus scanner
_REMOVAL_SECONDS = 2.0  # in which an environment that loses its packages loses its interpreter
_TICK = 0.05  # seconds between checks for a cancel
_HEARING_SECONDS = 1.5  # for a child to say that it has heard a cancel; it listens while it works
_CANCELLED = "The job was canceled."


class Worker:
    """A job queue and the child that runs the jobs.

    Args:
        python: Environment folder or interpreter; else see `environment.find_interpreter`.
        environ: Additional environment variables for the child.
        idle_seconds: Idle time after which the child is stopped.
        cancel_seconds: Time for a canceled child to stop before it is killed.
    """

    def __init__(
        self,
        python: str | os.PathLike | None,
        environ: Mapping[str, str],
        idle_seconds: float,
        cancel_seconds: float,
    ):
        self._python = python
        self._environ = environ
        self._idle_seconds = idle_seconds
        self._cancel_seconds = cancel_seconds
        self._ids = itertools.count(1)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._last: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is queued or running."""
        return self._last is not None and not self._last.done

    @property
    def pid(self) -> int | None:
        """Process id of the child; None if it is not running."""
        connection = self._connection
        return connection.pid if connection and connection.alive else None

    def submit(self, request: dict, arrays: dict[str, np.ndarray]) -> Job:
        """Queue a request. Never blocks.

        Raises:
            RuntimeError: The worker has been closed.
        """
        with self._lock:
            if self._closing.is_set():
                raise RuntimeError("the engine has been closed")
            job = Job({**request, "id": next(self._ids)}, arrays)
            self._jobs.put(job)
            self._last = job
            if self._thread is None:
                atexit.register(self.close)
                self._thread = threading.Thread(target=self._work, name="SharpDepth", daemon=True)
                self._thread.start()
        return job

    def close(self) -> None:
        """Stop the child and all unfinished jobs."""
        with self._lock:
            self._closing.set()
            thread, self._thread = self._thread, None
        if thread:
            self._jobs.put(None)
            thread.join(_CLOSE_SECONDS)
            atexit.unregister(self.close)

    # From here on, everything runs in the worker thread.

    def _work(self) -> None:
        try:
            while job := self._next_job():
                job.finish(self._run(job))
        finally:
            self._end_child()

    def _next_job(self) -> Job | None:
        """Return the next job; None if the engine is closed."""
        while True:
            try:
                return self._jobs.get(timeout=self._idle_seconds if self._connection else None)
            except queue.Empty:
                self._end_child()

    def _run(self, job: Job) -> Result | JobError:
        try:
            self._check_cancel(job)
            connection = self._connect(job)
            folder = make_folder()
            try:
                return self._perform(job, connection, folder)
            except JobError as error:
                if error.kind == "cancelled" or not _is_being_removed(connection, error):
                    raise
                self._end_child()
                raise _removed(connection.python, error) from error
            finally:
                # Files held by a virus scanner are left for the system to clean up.
                shutil.rmtree(folder, ignore_errors=True)
        except JobError as error:
            return error
        except Exception as error:  # a bug of ours, which must not leave the job waiting forever
            self._end_child()
            return JobError("internal", f"SharpDepth failed: {error!r}.", traceback.format_exc())

    def _perform(self, job: Job, connection: Connection, folder: Path):
        """Send a request and handle its messages until it is done."""
        names = {name: save_array(folder, name, array) for name, array in job.arrays.items()}
        connection.send({**job.request, **names, "folder": str(folder)})
        number = job.request["id"]
        hearing = stopping = None  # when the child is killed
        while True:
            if stopping is None and (job.cancelled or self._closing.is_set()):
                hearing = time.monotonic() + _HEARING_SECONDS
                stopping = time.monotonic() + self._cancel_seconds
                connection.send({"type": "cancel", "id": number})
            if hearing and time.monotonic() > min(hearing, stopping):
                connection.end(patience=0)
                raise JobError("cancelled", _CANCELLED)
            if stopping and (self._closing.is_set() or time.monotonic() > stopping):
                connection.end()
                raise JobError("cancelled", _CANCELLED)
            message = connection.receive(_TICK)
            if message is None:
                continue
            try:
                if message["id"] != number:
                    continue  # of a job that is over: it had not heard the cancel yet
                if message["type"] == "heard":
                    hearing = None
                elif message["type"] == "result":
                    self._check_cancel(job)
                    return _result(job, message, folder)
                elif message["type"] == "error":
                    raise JobError(message["kind"], message["message"], message["log"])
                else:
                    job.report(_progress(message, folder))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                connection.refuse(message, error)

    def _connect(self, job: Job) -> Connection:
        """Return the child, starting it if necessary."""
        if self._connection and self._connection.alive and self._connection.is_current:
            return self._connection
        self._end_child()
        job.report(Progress("start", 0.0, "Starting the engine"))
        try:
            python = find_interpreter(self._python)
        except EngineMissing as error:
            raise JobError("engine_missing", str(error)) from error
        self._connection = Connection(python, self._environ)
        try:
            self._greet(job, self._connection)
        except JobError as error:
            self._end_child()
            if error.kind == "child_died":
                text = f"The engine's Python {python} does not work: {error.message}"
                raise JobError("child_died", text, error.log) from error
            raise
        return self._connection

    def _greet(self, job: Job, connection: Connection) -> None:
        """Wait for the hello of the child."""
        until = time.monotonic() + _START_SECONDS
        while (hello := connection.receive(_TICK)) is None:
            self._check_cancel(job)
            if time.monotonic() > until:
                raise JobError("child_died", "It did not start.")
        if hello.get("protocol") != PROTOCOL or hello["type"] != "hello":
            raise JobError(
                "wrong_version",
                "The engine's version differs from this SharpDepth; restart Blender.",
                f"{hello} instead of protocol {PROTOCOL}",
            )
        try:
            found = tuple(map(int, hello["python"]))
        except (KeyError, TypeError, ValueError) as error:
            connection.refuse(hello, error)
        if found < _OLDEST_PYTHON:
            version = ".".join(map(str, found))
            text = f"The engine requires Python 3.11 or later; {connection.python} is {version}."
            raise JobError("engine_missing", text)

    def _check_cancel(self, job: Job) -> None:
        if job.cancelled or self._closing.is_set():
            raise JobError("cancelled", _CANCELLED)

    def _end_child(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.end()


def _is_being_removed(connection: Connection, error: JobError) -> bool:
    """Whether a child failed because its environment goes away, or has gone.

    A package is missed as soon as it is deleted, which may be a while before the interpreter is.
    """
    until = time.monotonic() + (_REMOVAL_SECONDS if error.kind == "engine_missing" else 0)
    while connection.is_current:
        if time.monotonic() >= until:
            return False
        time.sleep(_TICK)
    return True


def _removed(python: Path, error: JobError) -> JobError:
    """Say why a child failed whose interpreter is gone, or another one now."""
    sentence = "The engine was installed anew while it worked: try again."
    if not python.exists():
        sentence = f"The engine was removed while it worked: {python} not found. Install it again."
    return JobError("engine_missing", sentence, f"{error}\n{error.log}")


def _progress(message: dict, folder: Path) -> Progress:
    depth = message.get("metric_depth")
    return Progress(
        message["stage"],
        message["fraction"],
        message["message"],
        None if depth is None else load_array(folder, depth),
        None if depth is None else tuple(message["intrinsics"]),
        message.get("bytes_done"),
        message.get("bytes_total"),
    )


def _result(job: Job, message: dict, folder: Path) -> Result:
    values = message["values"]
    arrays = {name: load_array(folder, file) for name, file in message["arrays"].items()}
    kind = job.request["type"]
    if kind == "start":
        return StartResult()
    if kind == "picture":
        return PictureResult(**arrays, **values)
    if kind == "infer":
        return DepthResult(**arrays, **values | {"intrinsics": tuple(values["intrinsics"])})
    if kind == "video":
        return VideoResult(**arrays)
    if kind == "fill":
        return FillResult(**arrays, **values)
    return WeightsResult(**values | {"folder": Path(values["folder"])})
