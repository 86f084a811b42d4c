"""Request handlers of the child for pictures: reading, and depth estimation."""

import importlib
import threading
from contextlib import suppress

from .errors import naming_missing_packages
from .request import Request


def start(_request: Request) -> dict:
    """Answer a `start` request: import what estimates depth, while other requests are answered."""
    threading.Thread(target=_import_engine, daemon=True).start()
    return {"arrays": {}, "values": {}}


def _import_engine() -> None:
    with suppress(Exception):  # it fails again, and is told, when it is needed
        importlib.import_module("..engine.pipeline", __package__)


def read_picture(request: Request) -> dict:
    """Answer a `picture` request."""
    with naming_missing_packages():
        from ..engine.picture import read_picture
    picture = read_picture(request["path"])
    changed = picture.turned or picture.converted or picture.full_size is not None
    differs = changed or not request["shown"]
    arrays = {"rgb": picture.rgb if differs else None, "depth": picture.depth}
    return {
        "arrays": {
            name: request.save(name, array) for name, array in arrays.items() if array is not None
        },
        "values": {
            "turned": picture.turned,
            "focal_35mm": picture.focal_35mm,
            "notes": picture.notes,
            "full_size": picture.full_size,
            "around": picture.around,
        },
    }


class DepthModel:
    """The model of the last request, kept loaded for the next."""

    def __init__(self):
        self._wanted = None
        self._model = None
        self._own_resolution = None

    def forget(self) -> None:
        """Unload the model, because its weights may have changed on disk."""
        self._wanted = self._model = None

    def infer(self, request: Request) -> dict:
        """Answer an `infer` request."""
        # Imported late, so that a Python without numpy can report it.
        with naming_missing_packages():
            from .infer_request import InferRequest
        asked = request.read(InferRequest)
        model = self._load(request, asked)
        own, other = self._own_resolution, asked.resolution
        model.processing_resolution = own if other is None else other

        def tell(now):
            request.check_cancel()  # before the array is written
            early = now.metric_depth
            more = {}
            if early is not None:
                more["metric_depth"] = request.save("early_metric_depth", early)
                more["intrinsics"] = [float(value) for value in now.intrinsics]
            request.progress(now.stage, now.fraction, now.message, **more)

        result = model.infer(
            asked.rgb,
            intrinsics=asked.intrinsics,
            metric_depth=asked.metric_depth,
            seed=asked.seed,
            progress=tell,
            metric_points=asked.metric_points,
            detail=asked.detail,
            ahead=asked.ahead,
        )
        names = ("depth", "metric_depth", "difference", "sky", "normals", "holes")
        maps = {name: getattr(result, name) for name in names}
        return {
            "arrays": {
                name: request.save(name, each) for name, each in maps.items() if each is not None
            },
            "values": {
                "scale": float(result.scale),
                "shift": float(result.shift),
                "intrinsics": [float(value) for value in result.intrinsics],
                "found": result.found and [float(value) for value in result.found],
                "seconds": {stage: float(time) for stage, time in result.seconds.items()},
                "memory": {stage: int(peak) for stage, peak in result.memory.items()},
                "notes": list(result.notes),
                "model": model.model,
                "device": model.device,
            },
        }

    def _load(self, request: Request, asked):
        wanted = asked.model, asked.device, asked.precision, asked.estimator
        if self._wanted != wanted:
            self.forget()  # first, because two models may not fit into memory
            request.progress("start", 0.0, "Loading PyTorch")
            with naming_missing_packages():
                from ..engine import SharpDepth
            request.progress("load", 0.0, "Loading the model")
            self._model = SharpDepth.load(*wanted)
            self._own_resolution = self._model.processing_resolution
            self._wanted = wanted
        return self._model
