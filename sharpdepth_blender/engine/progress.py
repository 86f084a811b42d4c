"""Progress, timing and peak memory of the stages of a picture."""

import time
from dataclasses import dataclass

import numpy as np

from ..geometry import Intrinsics
from .device import finish_work, peak_memory, reset_peak_memory

# Stage name: message for the user, and the approximate fraction of the time that one run of it
# takes with the preview model on a CPU (benchmarks/engine.py).
STAGES = {
    "metric_depth": ("Estimating metric depth", 0.10),
    "encode_picture": ("Encoding the picture", 0.08),
    "encode_depth": ("Encoding the metric depth", 0.08),
    "first_look": ("First pass", 0.16),
    "compare": ("Comparing with the metric depth", 0.18),
    "second_look": ("Second pass", 0.16),
    "decode": ("Decoding the sharpened depth", 0.18),
    "align": ("Aligning to meters", 0.06),
    "tiles": ("Refining tiles", 0.14),
    "refine": ("Refining the depth map", 0.5),
    "enlarge": ("Upsampling depth", 0.06),
}


@dataclass(frozen=True)
class Progress:
    """Progress of a picture.

    Attributes:
        stage: A key of `STAGES`, or `done`.
        fraction: 0..1, never decreasing.
        message: Text for the user.
        metric_depth: (H, W) float32 meters, as soon as it exists.
        intrinsics: Intrinsics, together with it.
    """

    stage: str
    fraction: float
    message: str
    metric_depth: np.ndarray | None = None
    intrinsics: Intrinsics | None = None


class Clock:
    """Measures time and peak memory of the stages, and reports progress.

    Args:
        device: Device in use.
        stages: Expected stages in order, with the number of times each begins.
        progress: Callback for `Progress`, or None.

    Attributes:
        seconds: Time per stage.
        memory: Peak bytes per stage, from `device.peak_memory`.
    """

    def __init__(self, device: str, stages: dict[str, int], progress=None):
        self._device = device
        self._progress = progress or (lambda progress: None)
        self._reached = 0.0  # the largest fraction reported so far
        self._begin_anew(stages)

    def start_again(self, why: str, stages: dict[str, int]):
        """Restart with the first stage and report the reason `why`."""
        self._begin_anew(stages)
        self._report("metric_depth", why)

    def begin(self, stage: str, metric_depth=None, intrinsics=None):
        """End the previous stage, report this one and time it; each step of a stage calls this."""
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
        """Report that everything is done."""
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
