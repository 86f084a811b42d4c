"""Request handlers of the child for the weights library."""

import time

from ..library import WEIGHTS, Convert, InstalledWeights, Library, LibraryError, Weights
from .errors import naming_missing_packages
from .request import Request

_INTERVAL = 0.1  # seconds between messages; nobody can read faster


def work(request: Request) -> dict:
    """Answer a `get_weights`, `add_weights` or `verify_weights` request.

    Raises:
        LibraryError: Of any kind.
        JobError: `cancelled` or `engine_missing`.
    """
    name = request["name"]
    if name not in WEIGHTS:
        known = ", ".join(WEIGHTS)
        raise LibraryError("unknown_weights", f"Unknown weights {name}; known weights: {known}.")
    installed = _TASKS[request["type"]](WEIGHTS[name], Library(), request)
    return {
        "arrays": {},
        "values": {
            "name": name,
            "folder": str(installed.folder),
            "where": installed.where,
            "size": installed.size,
            "notes": list(installed.notes),
        },
    }


def _get(weights: Weights, library: Library, request: Request) -> InstalledWeights:
    with naming_missing_packages():
        from ..library.download import get
    return get(weights, library, _Report(request), _converter(weights))


def _add(weights: Weights, library: Library, request: Request) -> InstalledWeights:
    return library.add(weights, request["path"], _Report(request), _converter(weights))


def _verify(weights: Weights, library: Library, request: Request) -> InstalledWeights:
    return library.verify(weights, _Report(request))


def _converter(weights: Weights) -> Convert | None:
    """What reads the pickle that these weights are published as; it needs the whole engine."""
    if weights.converter is None:
        return None
    with naming_missing_packages():
        from ..engine.estimators import CONVERTERS
    return CONVERTERS[weights.converter]


_TASKS = {"get_weights": _get, "add_weights": _add, "verify_weights": _verify}


class _Report:
    """Forwards reports of the library a few times a second, and checks each time for a cancel."""

    def __init__(self, request: Request):
        self._request = request
        self._message = ""
        self._next = 0.0

    def __call__(self, done: int, total: int | None, message: str) -> None:
        self._request.check_cancel()
        now = time.monotonic()
        if message == self._message and now < self._next and done != total:
            return
        self._message, self._next = message, now + _INTERVAL
        fraction = done / total if total else 0.0
        self._request.progress("weights", fraction, message, bytes_done=done, bytes_total=total)
