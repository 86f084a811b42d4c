"""The engine as Blender sees it: a handle that takes jobs and never blocks."""

import os

import numpy as np

from ..library.place import VARIABLE, default_folder
from .errors import JobError
from .job import DepthResult, Job, PictureResult, Progress, WeightsResult
from .worker import Worker

__all__ = [
    "DepthResult",
    "Engine",
    "Job",
    "JobError",
    "PictureResult",
    "Progress",
    "WeightsResult",
]


class Engine:
    """The engine's process: started by the first job, ended when idle, started again when needed.

    Jobs run one after another. A thread of its own talks to the child, so that no call here waits
    for it; closing, or the end of this interpreter, ends the child.

    Args:
        python: Environment folder or interpreter; else see `environment.find_interpreter`.
        models: Folder of the weights library; else see `library.place.default_folder`.
        idle_seconds: Time without a job after which the child is ended, which alone gives all of
            a graphics card's memory back.
        cancel_seconds: Time that a cancelled child has to answer before it is killed.
    """

    def __init__(
        self,
        python: str | os.PathLike | None = None,
        *,
        models: str | os.PathLike | None = None,
        idle_seconds: float = 600.0,
        cancel_seconds: float = 10.0,
    ):
        # Found here, because the child stands elsewhere and would take a relative path otherwise.
        environ = {VARIABLE: os.path.abspath(models or default_folder())}
        self._worker = Worker(python, environ, idle_seconds, cancel_seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        return self._worker.pid

    @property
    def busy(self) -> bool:
        """Whether there is a job that is not done."""
        return self._worker.busy

    def read_picture(self, path: str | os.PathLike) -> Job:
        """Read a picture file; the job's result is a `PictureResult`."""
        return self._worker.submit({"type": "picture", "path": os.path.abspath(path)}, {})

    def infer(
        self,
        rgb: np.ndarray,
        *,
        intrinsics: tuple[float, float, float, float] | None = None,
        metric_depth: np.ndarray | None = None,
        metric_points: np.ndarray | None = None,
        model: str | os.PathLike = "preview",
        estimator: str | os.PathLike | None = None,
        device: str = "auto",
        precision: str = "auto",
        resolution: int | None = None,
        detail: str = "edges",
        seed: int = 0,
    ) -> Job:
        """Estimate the depth of a picture; the job's result is a `DepthResult`.

        Args:
            rgb: (H, W, 3), uint8 or float in 0..1. Copied.
            intrinsics: (fx, fy, cx, cy), pixels, centre of the top-left pixel at (0.5, 0.5).
            metric_depth: (H, W), metres, 0 = no measurement, to sharpen in place of an estimate.
                Copied.
            metric_points: (N, 3) of N >= 1: u, v in pixels of the picture, as of `intrinsics`, and
                z-depth in metres, which the estimate is to agree with. Not beside `metric_depth`.
                Copied.
            model: Preset name, or a model folder as a `Path` or with a separator in its name.
            estimator: Name of a metric depth model's weights, or their folder as for `model`; None
                for the model's own.
            device: `auto`, `cuda`, `mps` or `cpu`.
            precision: Of the U-Net's numbers: `auto`, `fp32`, `fp16` or `bf16`.
            resolution: Longer side, pixels, at which the networks see the picture; None for the
                model's own.
            detail: `off`, depth is enlarged smoothly from the resolution that the model sees;
                `edges`, its edges are made as sharp as the picture at its own resolution; `tiles`,
                the model looks at overlapping parts of the picture as well.
            seed: Of the noise.
        """
        arrays = {"rgb": np.array(rgb)}
        if metric_depth is not None:
            arrays["metric_depth"] = np.array(metric_depth)
        if metric_points is not None:
            arrays["metric_points"] = np.array(metric_points)
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise TypeError(f"`{name}` is not an array of numbers")
        request = {
            "type": "infer",
            "intrinsics": None if intrinsics is None else [float(value) for value in intrinsics],
            "model": _absolute(model),
            "estimator": None if estimator is None else _absolute(estimator),
            "device": device,
            "precision": precision,
            "resolution": resolution,
            "detail": detail,
            "seed": seed,
        }
        return self._worker.submit(request, arrays)

    def get_weights(self, name: str) -> Job:
        """Download weights into the library; the job's result is a `WeightsResult`.

        Only to be called when the user has seen size and licence and said yes, and where Blender
        allows online access. A download that is cut short or cancelled goes on the next time.

        Args:
            name: Of weights in the library's catalogue.
        """
        return self._worker.submit({"type": "get_weights", "name": name}, {})

    def add_weights(self, name: str, path: str | os.PathLike) -> Job:
        """Copy weights from a folder into the library; the job's result is a `WeightsResult`.

        Args:
            name: Of weights in the library's catalogue.
            path: Folder with their files, or with the parts of their release.
        """
        request = {"type": "add_weights", "name": name, "path": os.path.abspath(path)}
        return self._worker.submit(request, {})

    def verify_weights(self, name: str) -> Job:
        """Compare weights, byte for byte, with what is known of them.

        The job's result is a `WeightsResult`; its error, of kind `damaged`, names the file.

        Args:
            name: Of weights in the library's catalogue.
        """
        return self._worker.submit({"type": "verify_weights", "name": name}, {})

    def close(self) -> None:
        """End the child and every job that is not done."""
        self._worker.close()


def _absolute(place: str | os.PathLike) -> str:
    """A name as it is, a folder without regard to where the child runs."""
    is_name = isinstance(place, str) and not {os.sep, os.altsep} & set(place)
    return place if is_name else os.path.abspath(place)
