"""A job of the engine: progress and result."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import JobError

_MOST_EVENTS = 1000


@dataclass(frozen=True)
class Progress:
    """Progress of a job.

    Attributes:
        stage: `start`, `load`, `video`, `fill`, `weights`, or a stage of the engine.
        fraction: 0..1, never decreasing; for weights, each step such as downloading or unpacking
            starts again from 0.
        message: Text for the user.
        metric_depth: (H, W) float32 meters, once, as soon as it exists.
        intrinsics: (fx, fy, cx, cy), pixels, together with it.
        bytes_done: For weights, bytes so far.
        bytes_total: For weights, total bytes; None if unknown.
    """

    stage: str
    fraction: float
    message: str
    metric_depth: np.ndarray | None = None
    intrinsics: tuple[float, float, float, float] | None = None
    bytes_done: int | None = None
    bytes_total: int | None = None


@dataclass(frozen=True)
class StartResult:
    """A child that runs."""


@dataclass(frozen=True)
class PictureResult:
    """A picture as engine input.

    Attributes:
        turned: Whether the file has it turned or mirrored, as EXIF orientation says.
        focal_35mm: Focal length in mm on 35 mm film, by the diagonal; None when not known.
        notes: A sentence for everything that was left out or changed.
        rgb: (H, W, 3) uint8 sRGB, upright; None if Blender shows the same.
        full_size: Width and height in the file, upright, where that has more pixels; else None.
        depth: (h, w) float32 meters that its file holds, holes 0, of its proportions; else None.
        around: Whether the file says that it is an equirectangular panorama.
    """

    turned: bool
    focal_35mm: float | None
    notes: list[str]
    rgb: np.ndarray | None = None
    full_size: tuple[int, int] | None = None
    depth: np.ndarray | None = None
    around: bool = False


@dataclass(frozen=True)
class DepthResult:
    """Depth of one picture; maps are (H, W) float32 with row 0 at the top.

    Attributes:
        depth: Sharpened z-depth, meters.
        metric_depth: Metric depth it was made from, meters.
        difference: Disagreement of the two models, 0..1.
        scale: Scale of the fit.
        shift: Shift of the fit, meters.
        intrinsics: (fx, fy, cx, cy), pixels.
        seconds: Time per stage.
        memory: Peak bytes per stage, on the device in use.
        notes: One sentence for every guard that acted and every assumption.
        model: Preset name or folder.
        device: `cuda`, `mps` or `cpu`.
        sky: Probability that a pixel is sky, 0..1; None if the metric model does not find it, or
            did not run.
        normals: (H, W, 3) unit normals in camera axes (x right, y down, z forward), towards the
            camera, 0 where unknown; None likewise.
        holes: (H, W) bool, where the metric model sees neither a surface nor sky, although the maps
            are filled there; None if there is no such place, or if it did not run.
        found: (fx, fy, cx, cy), pixels, that the metric model finds in the picture alone; None if
            it does not.
    """

    depth: np.ndarray
    metric_depth: np.ndarray
    difference: np.ndarray
    scale: float
    shift: float
    intrinsics: tuple[float, float, float, float]
    seconds: dict[str, float]
    memory: dict[str, int]
    notes: list[str]
    model: str
    device: str
    sky: np.ndarray | None = None
    normals: np.ndarray | None = None
    holes: np.ndarray | None = None
    found: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class VideoResult:
    """What a network for video says of a window.

    Attributes:
        disparity: (frames, h, w) float32 at the network's own size, without a unit, larger for what
            is nearer.
    """

    disparity: np.ndarray


@dataclass(frozen=True)
class FillResult:
    """A picture whose hole is filled.

    Attributes:
        values: (3, H, W) float32; outside the hole as they were.
        notes: A sentence for everything that was not done as one would expect.
        seconds: Time that it took.
    """

    values: np.ndarray
    notes: list[str]
    seconds: float


@dataclass(frozen=True)
class WeightsResult:
    """Weights installed on this computer.

    Attributes:
        name: Name in the library's catalogue.
        folder: Folder with the weights.
        where: `bundled`, `library` or `hub cache`.
        size: Bytes.
        notes: One sentence for everything that was skipped.
    """

    name: str
    folder: Path
    where: str
    size: int
    notes: list[str]


Result = StartResult | PictureResult | DepthResult | VideoResult | FillResult | WeightsResult


class Job:
    """A request that is queued, running or done. Created by `Engine`.

    A timer calls `poll` until `done`, then `wait`, which returns at once; a script only calls
    `wait`.
    """

    def __init__(self, request: dict, arrays: dict[str, np.ndarray]):
        self.request = request
        self.arrays = arrays
        self.outcome: Result | JobError | None = None
        self._events: queue.SimpleQueue[Progress] = queue.SimpleQueue()
        self._done = threading.Event()
        self._cancelled = threading.Event()

    @property
    def done(self) -> bool:
        """Whether there is a result or an error."""
        return self._done.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` has been called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Request cancellation, which `wait` reports as a `JobError` of kind `cancelled`."""
        self._cancelled.set()

    def poll(self) -> list[Progress]:
        """Return the progress since the last call. Never blocks."""
        events = []
        while not self._events.empty():
            events.append(self._events.get())
        return events

    def wait(self, on_progress: Callable[[Progress], None] | None = None) -> Result:
        """Wait for the result and return it.

        Args:
            on_progress: Called in the caller's thread with every `Progress` not yet polled.

        Raises:
            JobError: The job failed or was canceled.
        """
        finished = False
        while not finished:
            # Repeated short waits, because Ctrl+C does not interrupt an endless one on Windows.
            finished = self._done.wait(0.05)
            for event in self.poll():
                if on_progress:
                    on_progress(event)
        if isinstance(self.outcome, JobError):
            raise self.outcome
        return self.outcome

    def report(self, event: Progress) -> None:
        """For `Engine`: queue a progress event, but none that nobody could follow."""
        if self._events.qsize() < _MOST_EVENTS or event.metric_depth is not None:
            self._events.put(event)

    def finish(self, outcome: Result | JobError) -> None:
        """For `Engine`: finish the job."""
        self.outcome = outcome
        self.arrays = {}
        self._done.set()
