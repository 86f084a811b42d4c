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
from typing import BinaryIO

from .infer_handler import DepthModel, read_picture
from .messages import PROTOCOL, decode, encode
from .request import Request


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
        self._requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._model = DepthModel()
        self._answers = {
            "picture": read_picture,
            "infer": self._model.infer,
            "get_weights": self._change_weights,
            "add_weights": self._change_weights,
            "verify_weights": _work_on_weights,
        }

    def serve(self) -> None:
        """Answer requests for ever."""
        self._send({"type": "hello", "protocol": PROTOCOL, "python": sys.version_info[:3]})
        threading.Thread(target=self._read, daemon=True).start()
        while True:
            request = self._requests.get()
            try:
                answer = {"type": "result", **self._answers[request["type"]](request)}
            except Exception as error:  # whatever it is, it is the answer
                kind, message = _explain(error)
                log = traceback.format_exc()
                answer = {"type": "error", "kind": kind, "message": message, "log": log}
            request.answer(answer)

    def _read(self) -> None:
        """Sort what the parent says; end this process with it."""
        request = None  # the last one: the parent asks one thing at a time
        try:
            for line in self._inlet:
                message = decode(line)
                if message["type"] != "cancel":
                    request = Request(message, self._send)
                    self._requests.put(request)
                elif request and request.id == message["id"]:
                    request.cancelled = True
        finally:
            # The main thread may be deep in a network. Nobody is left to clean up but us.
            if request:
                shutil.rmtree(request.folder, ignore_errors=True)
            os._exit(0)

    def _send(self, message: dict) -> None:
        self._outlet.write(encode(message))
        self._outlet.flush()

    def _change_weights(self, request: Request) -> dict:
        self._model.forget()  # it may be of these weights
        return _work_on_weights(request)


def _work_on_weights(request: Request) -> dict:
    # Imported late: a Python that is too old for the library has to live to say hello.
    from .weights import work

    return work(request)


def _explain(error: Exception) -> tuple[str, str]:
    """Kind and sentence of an error; the engine's and the library's own errors bring theirs."""
    kind = getattr(error, "kind", None)
    if isinstance(kind, str):
        return kind, str(error)
    if isinstance(error, MemoryError):
        return "out_of_memory", "There is not enough memory for this picture."
    return "internal", f"The engine failed: {type(error).__name__}: {error}"
