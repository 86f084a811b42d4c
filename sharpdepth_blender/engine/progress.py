"""How far a picture has come, how long each stage took and how much memory it needed."""

import time
from dataclasses import dataclass

import numpy as np

from ..geometry import Intrinsics
from .device import finish_work, peak_memory, reset_peak_memory

# Stage of a pipeline: what the user reads, and the share of the time that each time it begins
# takes, about, with the preview model on a CPU (benchmarks/engine.py).
STAGES = {
    "metric_depth": ("Estimating metric depth", 0.10),
    "encode_picture": ("Encoding the picture", 0.08),
    "encode_depth": ("Encoding the metric depth", 0.08),
    "first_look": ("First look", 0.16),
    "compare": ("Comparing with the metric depth", 0.18),
    "second_look": ("Second look", 0.16),
    "decode": ("Decoding the sharpened depth", 0.18),
    "align": ("Aligning to meters", 0.06),
    "tiles": ("Looking closer", 0.14),
    "enlarge": ("Bringing depth to the picture's size", 0.06),
}


@dataclass(frozen=True)
class Progress:
    """How far a picture has come.

    Attributes:
        stage: A key of `STAGES`, or `done`.
        fraction: 0..1, never falling.
        message: For a person.
        metric_depth: (H, W) float32 meters, as soon as it exists.
        intrinsics: With it.
    """

    stage: str
    fraction: float
    message: str
    metric_depth: np.ndarray | None = None
    intrinsics: Intrinsics | None = None


class Clock:
    """Times the stages, notes the memory that each needed, and reports them.

    Args:
        device: That works.
        stages: Those that there will be, in their order, and how often each begins.
        progress: Called with a `Progress`, or None.

    Attributes:
        seconds: Of each stage.
        memory: Bytes at the peak of each stage, as `device.peak_memory` counts them.
    """

    def __init__(self, device: str, stages: dict[str, int], progress=None):
        self._device = device
        self._progress = progress or (lambda progress: None)
        self._reached = 0.0  # the largest fraction that was reported
        self._begin_anew(stages)

    def start_again(self, why: str, stages: dict[str, int]):
        """Begin with the first stage once more; `why` is told."""
        self._begin_anew(stages)
        self._report("metric_depth", why)

    def begin(self, stage: str, metric_depth=None, intrinsics=None):
        """End the stage before, report this one and time it; a step of a stage begins it again."""
        self._stop()
        message, share = STAGES[stage]
        times = self._stages[stage]
        self._times[stage] = self._times.get(stage, 0) + 1
        if times > 1:
            message = f"{message}, {self._times[stage]} of {times}"
        self._report(stage, message, metric_depth, intrinsics)
        self._fraction += share / self._whole
        reset_peak_memory(self._device)
        self._stage, self._started = stage, time.perf_counter()

    def end(self):
        """Report that all is done."""
        self._stop()
        self._fraction = 1.0
        self._report("done", "Done")

    def _report(self, stage, message, metric_depth=None, intrinsics=None):
        self._reached = max(self._reached, self._fraction)
        self._progress(Progress(stage, self._reached, message, metric_depth, intrinsics))

    def _stop(self):
        if self._stage is None:
            return
        finish_work(self._device)
        seconds = time.perf_counter() - self._started
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + seconds
        peak = peak_memory(self._device)
        self.memory[self._stage] = max(self.memory.get(self._stage, 0), peak)

    def _begin_anew(self, stages):
        self._stages, self._times = stages, {}
        self._whole = sum(STAGES[stage][1] * times for stage, times in stages.items())
        self.seconds: dict[str, float] = {}
        self.memory: dict[str, int] = {}
        self._stage = None
        self._fraction = 0.0
