"""The engine's process: reads requests from stdin and answers on stdout, until stdin ends.

`main` runs in the engine's interpreter. The main thread works; a second one reads, so that a
cancel and the parent's end are noticed while the networks run.
"""

import faulthandler
import os
import queue
import shutil
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import BinaryIO

from .errors import JobError
from .messages import PROTOCOL, decode, encode


def main() -> None:
    """Serve requests; never returns before the parent closes stdin or dies."""
    inlet, outlet = _claim_pipes()
    # Ctrl+C in a terminal reaches the child too; what it means is for the parent to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    Child(inlet, outlet).serve()


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for messages alone.

    Prints, of C libraries too, go to stderr from here on. Reads of stdin find nothing; on Windows
    this also keeps a library's start from waiting for the pipe that the reader thread waits for.
    """
    inlet = os.fdopen(os.dup(0), "rb")
    outlet = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # the last words before a crash are worth having
    return inlet, outlet


class Child:
    """The requests of one parent, answered one after another."""

    def __init__(self, inlet: BinaryIO, outlet: BinaryIO):
        self._inlet = inlet
        self._outlet = outlet
        self._requests: queue.SimpleQueue[dict] = queue.SimpleQueue()
        self._request: dict = {}
        self._cancelled: int | None = None  # id of a request
        self._model = None
        self._model_key = None
        self._model_resolution = None

    def serve(self) -> None:
        """Answer requests for ever."""
        self._send({"type": "hello", "protocol": PROTOCOL, "python": sys.version_info[:3]})
        threading.Thread(target=self._read, daemon=True).start()
        answers = {"picture": self._read_picture, "infer": self._infer}
        while True:
            self._request = self._requests.get()
            try:
                answer = answers[self._request["type"]]()
            except Exception as error:  # whatever it is, it is the answer
                kind, message = _explain(error)
                log = traceback.format_exc()
                answer = {"type": "error", "kind": kind, "message": message, "log": log}
            self._answer(answer)

    def _read(self) -> None:
        """Sort what the parent says; end this process with it."""
        try:
            for line in self._inlet:
                message = decode(line)
                if message["type"] == "cancel":
                    self._cancelled = message["id"]
                else:
                    self._requests.put(message)
        finally:
            # The main thread may be deep in a network. Nobody is left to clean up but us.
            if folder := self._request.get("folder"):
                shutil.rmtree(folder, ignore_errors=True)
            os._exit(0)

    def _send(self, message: dict) -> None:
        self._outlet.write(encode(message))
        self._outlet.flush()

    def _answer(self, message: dict) -> None:
        self._send({**message, "id": self._request["id"]})

    def _progress(self, stage: str, fraction: float, message: str, metric_depth=None) -> None:
        """Tell the parent how far the request is; raises when it has been cancelled meanwhile."""
        if self._cancelled == self._request["id"]:
            raise JobError("cancelled", "The job was cancelled.")
        answer = {"type": "progress", "stage": stage, "fraction": fraction, "message": message}
        if metric_depth is not None:
            answer["metric_depth"] = self._save("early_metric_depth", metric_depth)
        self._answer(answer)

    def _read_picture(self) -> dict:
        try:
            from ..engine.picture import read_picture
        except (ImportError, OSError) as error:
            raise _broken(error) from error
        picture = read_picture(self._request["path"])
        return {
            "type": "result",
            "arrays": {"rgb": self._save("rgb", picture.rgb)},
            "values": {"focal_35mm": picture.focal_35mm, "notes": picture.notes},
        }

    def _infer(self) -> dict:
        request = self._request
        engine = self._load(request["model"], request["device"])
        resolution = request["resolution"]
        engine.processing_resolution = self._model_resolution if resolution is None else resolution
        intrinsics = request["intrinsics"]
        result = engine.infer(
            self._fetch("rgb"),
            intrinsics=intrinsics and tuple(intrinsics),
            metric_depth=self._fetch("metric_depth"),
            seed=request["seed"],
            progress=lambda now: self._progress(
                now.stage, now.fraction, now.message, now.metric_depth
            ),
        )
        maps = ("depth", "metric_depth", "difference")
        return {
            "type": "result",
            "arrays": {name: self._save(name, getattr(result, name)) for name in maps},
            "values": {
                "scale": float(result.scale),
                "shift": float(result.shift),
                "intrinsics": [float(value) for value in result.intrinsics],
                "seconds": {stage: float(time) for stage, time in result.seconds.items()},
                "notes": list(result.notes),
                "model": engine.model,
                "device": engine.device,
            },
        }

    def _load(self, model: str, device: str):
        """The model, kept from the last request when it is the same."""
        if self._model_key != (model, device):
            # The old one goes first: two may not fit into memory.
            self._model, self._model_key = None, None
            self._progress("start", 0.0, "Loading PyTorch")
            try:
                from ..engine import SharpDepth
            except (ImportError, OSError) as error:
                raise _broken(error) from error
            self._progress("load", 0.0, "Loading the model")
            self._model = SharpDepth.load(model, device)
            self._model_resolution = self._model.processing_resolution
            self._model_key = (model, device)
        return self._model

    def _fetch(self, name: str):
        """An array of the request, None when it has none of that name."""
        from .arrays import load_array

        file = self._request.get(name)
        return None if file is None else load_array(Path(self._request["folder"]), file)

    def _save(self, name: str, array) -> str:
        from .arrays import save_array

        return save_array(Path(self._request["folder"]), name, array)


def _broken(error: Exception) -> JobError:
    """The engine cannot be imported: a package is missing, or a library of it does not load."""
    text = f"The engine's Python {sys.executable} is not complete ({error})."
    return JobError("engine_missing", f"{text} Run vendor_install.py to mend it.")


def _explain(error: Exception) -> tuple[str, str]:
    """Kind and sentence of an error; the engine's own errors bring theirs."""
    kind = getattr(error, "kind", None)
    if isinstance(kind, str):
        return kind, str(error)
    if isinstance(error, MemoryError):
        return "out_of_memory", "There is not enough memory for this picture."
    return "internal", f"The engine failed: {type(error).__name__}: {error}"
