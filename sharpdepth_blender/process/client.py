"""The engine as Blender sees it: a handle that takes jobs and never blocks."""

import atexit
import itertools
import os
import queue
import shutil
import threading
import time
import traceback
from pathlib import Path

import numpy as np

from .arrays import load_array, make_folder, save_array
from .connection import Connection
from .environment import EngineMissing, find_interpreter
from .errors import JobError
from .job import DepthResult, Job, PictureResult, Progress
from .messages import PROTOCOL

__all__ = ["DepthResult", "Engine", "Job", "JobError", "PictureResult", "Progress"]

_OLDEST_PYTHON = (3, 11)
_CLOSE_SECONDS = 10.0  # a graphics driver that hangs holds even a killed process
_START_SECONDS = 60.0  # for an interpreter on a cold disk under a virus scanner
_TICK = 0.05  # seconds after which a cancel is noticed
_CANCELLED = "The job was cancelled."


class Engine:
    """The engine's process: started by the first job, ended when idle, started again when needed.

    Jobs run one after another. A thread of its own talks to the child, so that no call here waits
    for it; closing, or the end of this interpreter, ends the child.

    Args:
        python: Environment folder or interpreter; else see `environment.find_interpreter`.
        idle_seconds: Time without a job after which the child is ended, which alone gives all of
            a graphics card's memory back.
        cancel_seconds: Time that a cancelled child has to answer before it is killed.
    """

    def __init__(
        self,
        python: str | os.PathLike | None = None,
        *,
        idle_seconds: float = 600.0,
        cancel_seconds: float = 10.0,
    ):
        self._python = python
        self._idle_seconds = idle_seconds
        self._cancel_seconds = cancel_seconds
        self._ids = itertools.count(1)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._closing = threading.Event()
        self._worker: threading.Thread | None = None
        self._lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        connection = self._connection
        return connection.pid if connection and connection.alive else None

    def read_picture(self, path: str | os.PathLike) -> Job:
        """Read a picture file; the job's result is a `PictureResult`."""
        return self._submit({"type": "picture", "path": os.path.abspath(path)}, {})

    def infer(
        self,
        rgb: np.ndarray,
        *,
        intrinsics: tuple[float, float, float, float] | None = None,
        metric_depth: np.ndarray | None = None,
        model: str | os.PathLike = "preview",
        device: str = "auto",
        resolution: int | None = None,
        seed: int = 0,
    ) -> Job:
        """Estimate the depth of a picture; the job's result is a `DepthResult`.

        Args:
            rgb: (H, W, 3), uint8 or float in 0..1. Copied.
            intrinsics: (fx, fy, cx, cy), pixels, centre of the top-left pixel at (0.5, 0.5).
            metric_depth: (H, W), metres, 0 = no measurement, to sharpen in place of an estimate.
                Copied.
            model: Preset name, or a model folder as a `Path` or with a separator in its name.
            device: `auto`, `cuda`, `mps` or `cpu`.
            resolution: Longer side, pixels, at which the networks see the picture; None for the
                model's own.
            seed: Of the noise.
        """
        arrays = {"rgb": np.array(rgb)}
        if metric_depth is not None:
            arrays["metric_depth"] = np.array(metric_depth)
        request = {
            "type": "infer",
            "intrinsics": None if intrinsics is None else [float(value) for value in intrinsics],
            "model": _absolute(model),
            "device": device,
            "resolution": resolution,
            "seed": seed,
        }
        return self._submit(request, arrays)

    def close(self) -> None:
        """End the child and every job that is not done."""
        with self._lock:
            self._closing.set()
            worker, self._worker = self._worker, None
        if worker:
            self._jobs.put(None)
            worker.join(_CLOSE_SECONDS)
            atexit.unregister(self.close)

    def _submit(self, request: dict, arrays: dict[str, np.ndarray]) -> Job:
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise TypeError(f"`{name}` is not an array of numbers")
        with self._lock:
            if self._closing.is_set():
                raise RuntimeError("the engine has been closed")
            job = Job({**request, "id": next(self._ids)}, arrays)
            self._jobs.put(job)
            if self._worker is None:
                atexit.register(self.close)
                self._worker = threading.Thread(target=self._work, name="SharpDepth", daemon=True)
                self._worker.start()
        return job

    # From here on, everything runs in the worker's thread.

    def _work(self) -> None:
        try:
            while job := self._next_job():
                job.finish(self._run(job))
        finally:
            self._end_child()

    def _next_job(self) -> Job | None:
        """The next job, None when the engine is closed."""
        while True:
            try:
                return self._jobs.get(timeout=self._idle_seconds if self._connection else None)
            except queue.Empty:
                self._end_child()

    def _run(self, job: Job) -> DepthResult | PictureResult | JobError:
        try:
            self._check_cancel(job)
            connection = self._connect(job)
            folder = make_folder()
            try:
                return self._perform(job, connection, folder)
            finally:
                # What a virus scanner holds on to is left for the system to clean.
                shutil.rmtree(folder, ignore_errors=True)
        except JobError as error:
            return error
        except Exception as error:  # a fault of ours, which must not leave the job waiting for ever
            self._end_child()
            return JobError("internal", f"SharpDepth failed: {error!r}.", traceback.format_exc())

    def _perform(self, job: Job, connection: Connection, folder: Path):
        """Send a request and follow it to its end."""
        names = {name: save_array(folder, name, array) for name, array in job.arrays.items()}
        connection.send({**job.request, **names, "folder": str(folder)})
        killing = None
        while True:
            if killing is None and (job.cancelled or self._closing.is_set()):
                killing = time.monotonic() + self._cancel_seconds
                connection.send({"type": "cancel", "id": job.request["id"]})
            if killing and (self._closing.is_set() or time.monotonic() > killing):
                connection.end()
                raise JobError("cancelled", _CANCELLED)
            message = connection.receive(_TICK)
            if message is None:
                continue
            if message["type"] == "result":
                self._check_cancel(job)
                return _result(job, message, folder)
            if message["type"] == "error":
                raise JobError(message["kind"], message["message"], message["log"])
            job.report(_progress(message, folder))

    def _connect(self, job: Job) -> Connection:
        """The child, started where there is none."""
        if self._connection and self._connection.alive:
            return self._connection
        self._end_child()
        job.report(Progress("start", 0.0, "Starting the engine"))
        try:
            python = find_interpreter(self._python)
        except EngineMissing as error:
            raise JobError("engine_missing", str(error)) from error
        self._connection = Connection(python)
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
        """Wait for the child's first word."""
        until = time.monotonic() + _START_SECONDS
        while (hello := connection.receive(_TICK)) is None:
            self._check_cancel(job)
            if time.monotonic() > until:
                raise JobError("child_died", "It did not start.")
        if hello.get("protocol") != PROTOCOL:
            raise JobError(
                "wrong_version",
                "The engine is of another version than this SharpDepth; restart Blender.",
                f"{hello} instead of protocol {PROTOCOL}",
            )
        if tuple(hello["python"]) < _OLDEST_PYTHON:
            version = ".".join(map(str, hello["python"]))
            text = f"The engine needs Python 3.11 or later, and {connection.python} is {version}."
            raise JobError("engine_missing", text)

    def _check_cancel(self, job: Job) -> None:
        if job.cancelled or self._closing.is_set():
            raise JobError("cancelled", _CANCELLED)

    def _end_child(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.end()


def _absolute(model: str | os.PathLike) -> str:
    """A preset's name as it is, a folder without regard to where the child runs."""
    is_name = isinstance(model, str) and not {os.sep, os.altsep} & set(model)
    return model if is_name else os.path.abspath(model)


def _progress(message: dict, folder: Path) -> Progress:
    depth = message.get("metric_depth")
    return Progress(
        message["stage"],
        message["fraction"],
        message["message"],
        None if depth is None else load_array(folder, depth),
    )


def _result(job: Job, message: dict, folder: Path) -> DepthResult | PictureResult:
    values = message["values"]
    arrays = {name: load_array(folder, file) for name, file in message["arrays"].items()}
    if job.request["type"] == "picture":
        return PictureResult(**arrays, **values)
    values["intrinsics"] = tuple(values["intrinsics"])
    return DepthResult(**arrays, **values)
