"""Request handler of the child for filling holes of layers."""

import time

from .errors import naming_missing_packages
from .request import Request


class FillModel:
    """The inpainting model of the last request, kept loaded for the next."""

    def __init__(self):
        self._wanted = None
        self._model = None

    def forget(self) -> None:
        """Unload the model."""
        self._wanted = self._model = None

    def fill(self, request: Request) -> dict:
        """Answer a `fill` request."""
        with naming_missing_packages():
            from .fill_request import FillRequest
        asked = request.read(FillRequest)
        started = time.monotonic()
        values, notes = self._by_model(request, asked) if asked.model else _texture(request, asked)
        return {
            "arrays": {"values": request.save("values", values)},
            "values": {"notes": notes, "seconds": time.monotonic() - started},
        }

    def _by_model(self, request: Request, asked):
        wanted = asked.model, asked.device, asked.precision
        if self._wanted != wanted:
            self.forget()  # first, because two models may not fit into memory
            request.progress("start", 0.0, "Loading PyTorch")
            with naming_missing_packages():
                from ..engine.inpainting import Inpainter
            request.progress("load", 0.0, "Loading the model")
            self._model = Inpainter.load(*wanted)
            self._wanted = wanted
        return self._model.fill(
            asked.values,
            asked.known,
            asked.hole,
            prompt=asked.prompt,
            steps=asked.steps,
            seed=asked.seed,
            progress=lambda fraction, message: request.progress("fill", fraction, message),
        )


def _texture(request: Request, asked):
    with naming_missing_packages():
        from ..geometry.fill import fill_texture
    values = fill_texture(
        asked.values,
        asked.known,
        asked.hole,
        asked.source,
        asked.usable,
        progress=lambda fraction: request.progress("fill", fraction, "Making texture"),
    )
    return values, []
