"""Client of the engine: a non-blocking handle that takes jobs."""

import os
from collections.abc import Sequence

import numpy as np

from ..library.place import VARIABLE, default_folder
from .errors import JobError
from .fill_request import FillRequest
from .infer_request import InferRequest
from .job import (
    DepthResult,
    FillResult,
    Job,
    PictureResult,
    Progress,
    StartResult,
    VideoResult,
    WeightsResult,
)
from .video_request import VideoRequest
from .wire import to_message
from .worker import Worker

__all__ = [
    "DepthResult",
    "Engine",
    "FillRequest",
    "FillResult",
    "InferRequest",
    "Job",
    "JobError",
    "PictureResult",
    "Progress",
    "StartResult",
    "VideoRequest",
    "VideoResult",
    "WeightsResult",
]


class Engine:
    """The engine process: started by the first job, stopped when idle, restarted on demand.

    Jobs run one after another. A separate thread talks to the child, so that no call here blocks;
    the child ends on `close` or when this interpreter ends.

    Args:
        python: Environment folder or interpreter; else see `environment.find_interpreter`.
        models: Folder of the weights library; else see `library.place.default_folder`.
        idle_seconds: Idle time after which the child is stopped, the only way to free all memory of
            a graphics card.
        cancel_seconds: Time for a canceled child to stop before it is killed; one that does not
            even listen is killed sooner.
    """

    def __init__(
        self,
        python: str | os.PathLike | None = None,
        *,
        models: str | os.PathLike | None = None,
        idle_seconds: float = 600.0,
        cancel_seconds: float = 10.0,
    ):
        # Resolved here, because the child has another working directory.
        environ = {VARIABLE: os.path.abspath(models or default_folder())}
        self._worker = Worker(python, environ, idle_seconds, cancel_seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the child; None if it is not running."""
        return self._worker.pid

    @property
    def busy(self) -> bool:
        """Whether a job is queued or running."""
        return self._worker.busy

    def start(self) -> Job:
        """Start the child, so that later jobs find it ready; the job's result is a `StartResult`.

        It imports its libraries while it answers other jobs. Models are not loaded.
        """
        return self._worker.submit({"type": "start"}, {})

    def read_picture(self, path: str | os.PathLike, shown: bool = False) -> Job:
        """Read a picture file; the job's result is a `PictureResult`.

        Args:
            path: Of the file.
            shown: Whether Blender shows it, so that its pixels are wanted only where Blender has
                others: turned, or in the colors of another profile.
        """
        request = {"type": "picture", "path": os.path.abspath(path), "shown": shown}
        return self._worker.submit(request, {})

    def infer(self, rgb: np.ndarray, **options) -> Job:
        """Estimate the depth of a picture; the job's result is a `DepthResult`.

        Args:
            rgb: (H, W, 3), uint8 or float in 0..1.
            **options: The other fields of `InferRequest`. Arrays are copied.

        Raises:
            TypeError: An option is unknown, or an array is not numeric.
        """
        return self._worker.submit(*to_message(InferRequest(rgb, **options)))

    def look_at_window(self, pictures: Sequence[str], model: str, device: str = "auto") -> Job:
        """Look at frames of a shot together; the job's result is a `VideoResult`.

        Args:
            pictures: Files of the frames.
            model: As of `VideoRequest`.
            device: Likewise.
        """
        return self._worker.submit(*to_message(VideoRequest(tuple(pictures), model, device)))

    def fill(self, values: np.ndarray, known: np.ndarray, hole: np.ndarray, **options) -> Job:
        """Fill a hole of a picture; the job's result is a `FillResult`.

        Args:
            values: (3, H, W) float32 sRGB, about 0..1.
            known: (H, W) bool.
            hole: (H, W) bool.
            **options: The other fields of `FillRequest`. Arrays are copied.

        Raises:
            TypeError: An option is unknown, or an array is not numeric.
        """
        return self._worker.submit(*to_message(FillRequest(values, known, hole, **options)))

    def get_weights(self, name: str) -> Job:
        """Download weights into the library; the job's result is a `WeightsResult`.

        Call this only after the user has seen and accepted size and license, and if Blender allows
        online access. An interrupted or canceled download is resumed next time.

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
        """Verify weights, byte by byte, against their recorded hashes.

        The job's result is a `WeightsResult`; its error, of kind `damaged`, names the file.

        Args:
            name: Of weights in the library's catalogue.
        """
        return self._worker.submit({"type": "verify_weights", "name": name}, {})

    def close(self) -> None:
        """Stop the child and all unfinished jobs."""
        self._worker.close()
