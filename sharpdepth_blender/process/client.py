"""The engine as Blender sees it: a handle that takes jobs and never blocks."""

import os

import numpy as np

from ..library.place import VARIABLE, default_folder
from .errors import JobError
from .infer_request import InferRequest
from .job import DepthResult, Job, PictureResult, Progress, WeightsResult
from .wire import to_message
from .worker import Worker

__all__ = [
    "DepthResult",
    "Engine",
    "InferRequest",
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
            TypeError: There is no such option, or an array does not hold numbers.
        """
        return self._worker.submit(*to_message(InferRequest(rgb, **options)))

    def get_weights(self, name: str) -> Job:
        """Download weights into the library; the job's result is a `WeightsResult`.

        Only to be called when the user has seen size and license and said yes, and where Blender
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
