"""The engine process: reads requests from stdin and answers on stdout, until stdin closes.

`main` runs in the engine's interpreter. The main thread works; a second thread reads, so that
cancellation and the end of the parent are noticed while the networks run.
"""

import ctypes
import errno
import faulthandler
import os
import queue
import shutil
import signal
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .errors import explain_missing
from .fill_handler import FillModel
from .infer_handler import DepthModel, read_picture, start
from .messages import PROTOCOL, decode, encode
from .request import Request
from .video_handler import VideoModel


def main(folder: str) -> None:
    """Serve requests until the parent closes stdin or dies.

    Args:
        folder: Temporary folder of this process, removed with it.
    """
    inlet, outlet = _claim_pipes()
    for name in ("TMPDIR", "TEMP", "TMP"):
        os.environ[name] = folder
    for name in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        # oneDNN and PyTorch keep compiled code for a thousand shapes of tensors each, 250 MB of
        # pictures of many sizes; one is compiled in milliseconds.
        os.environ.setdefault(name, "16")
    _be_the_first_to_go()
    # Ctrl+C in a terminal reaches the child too, but only the parent decides what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    Child(inlet, outlet, folder).serve()


def _be_the_first_to_go() -> None:
    """Have Linux end this process, rather than Blender, if the machine runs out of memory."""
    with suppress(OSError):  # another system
        Path("/proc/self/oom_score_adj").write_text("1000")


def _give_back_memory() -> None:
    """Have the C library return to the system what tensors no longer use."""
    with suppress(OSError, AttributeError):  # another one than glibc
        ctypes.CDLL(None).malloc_trim(0)


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Reserve stdin and stdout for messages.

    Other output, including that of C libraries, goes to stderr. Other reads of stdin get EOF; on
    Windows this also keeps library initialization from blocking on the reader thread's pipe.
    """
    inlet = os.fdopen(os.dup(0), "rb")
    outlet = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # keeps the last lines before a crash
    return inlet, outlet


class Child:
    """Serves the requests of one parent, one after another."""

    def __init__(self, inlet: BinaryIO, outlet: BinaryIO, folder: str):
        self._folder = folder
        self._inlet = inlet
        self._outlet = outlet
        self._sending = threading.Lock()
        self._requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._model = DepthModel()
        self._fill_model = FillModel()
        self._video_model = VideoModel()
        self._answers = {
            "start": start,
            "picture": read_picture,
            "infer": self._infer,
            "video": self._look,
            "fill": self._fill,
            "get_weights": self._change_weights,
            "add_weights": self._change_weights,
            "verify_weights": _work_on_weights,
        }

    def serve(self) -> None:
        """Answer requests forever."""
        self._send({"type": "hello", "protocol": PROTOCOL, "python": sys.version_info[:3]})
        threading.Thread(target=self._read, daemon=True).start()
        while True:
            request = self._requests.get()
            try:
                answer = {"type": "result", **self._answers[request["type"]](request)}
            except Exception as error:  # any exception is sent as the answer
                kind, message = _explain(error)
                log = traceback.format_exc()
                answer = {"type": "error", "kind": kind, "message": message, "log": log}
            request.answer(answer)
            _give_back_memory()

    def _read(self) -> None:
        """Dispatch messages from the parent; exit when it ends."""
        request = None  # the last one: the parent asks one thing at a time
        try:
            for line in self._inlet:
                message = decode(line)
                if message["type"] != "cancel":
                    request = Request(message, self._send)
                    self._requests.put(request)
                elif request and request.id == message["id"]:
                    request.cancelled = True
                    request.answer({"type": "heard"})
        finally:
            # The main thread may be busy in a network, so clean up and exit here.
            if request:
                shutil.rmtree(request.folder, ignore_errors=True)
            shutil.rmtree(self._folder, ignore_errors=True)
            os._exit(0)

    def _send(self, message: dict) -> None:
        with self._sending:  # the reading thread answers a cancel
            self._outlet.write(encode(message))
            self._outlet.flush()

    def _infer(self, request: Request) -> dict:
        self._keep_only(self._model)
        return self._model.infer(request)

    def _look(self, request: Request) -> dict:
        self._keep_only(self._video_model)
        return self._video_model.look(request)

    def _fill(self, request: Request) -> dict:
        if request["model"] is not None:
            self._keep_only(self._fill_model)
        return self._fill_model.fill(request)

    def _keep_only(self, kept=None) -> None:
        """Unload all models but one, because two may not fit into memory."""
        for each in (self._model, self._fill_model, self._video_model):
            if each is not kept:
                each.forget()

    def _change_weights(self, request: Request) -> dict:
        self._keep_only()  # they may use these weights
        return _work_on_weights(request)


def _work_on_weights(request: Request) -> dict:
    # Imported late, so that a Python too old for the library can still say hello.
    from .weights import work

    return work(request)


def _explain(error: Exception) -> tuple[str, str]:
    """Return kind and message of an error; errors of engine and library have their own."""
    kind = getattr(error, "kind", None)
    if isinstance(kind, str):
        return kind, str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        place = f" for {error.filename}" if error.filename else ""
        return "disk_full", f"No space is left on the disk{place}."
    if isinstance(error, ImportError):
        return "engine_missing", explain_missing(error)
    if isinstance(error, MemoryError):
        return "out_of_memory", "Not enough memory for this picture."
    return "internal", f"The engine failed: {type(error).__name__}: {error}"
