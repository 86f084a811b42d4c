"""How far a picture has come, and how long each stage took."""

import time
from dataclasses import dataclass

import numpy as np
import torch

# Stage of the pipeline: what the user reads, and the share of the time that it takes, about, with
# the preview model on a CPU (benchmarks/engine.py).
STAGES = {
    "metric_depth": ("Estimating metric depth", 0.10),
    "encode_picture": ("Encoding the picture", 0.08),
    "encode_depth": ("Encoding the metric depth", 0.08),
    "first_look": ("First look", 0.16),
    "compare": ("Comparing with the metric depth", 0.18),
    "second_look": ("Second look", 0.16),
    "decode": ("Decoding the sharpened depth", 0.18),
    "align": ("Aligning to metres", 0.06),
}


@dataclass(frozen=True)
class Progress:
    """How far a picture has come.

    Attributes:
        stage: A key of `STAGES`, or `done`.
        fraction: 0..1, never falling.
        message: For a person.
        metric_depth: (H, W) float32 metres, once, as soon as it exists.
    """

    stage: str
    fraction: float
    message: str
    metric_depth: np.ndarray | None = None


class Clock:
    """Times the stages and reports them."""

    def __init__(self, device: str, progress):
        self.seconds: dict[str, float] = {}
        self._device = device
        self._progress = progress or (lambda progress: None)
        self._stage = None
        self._fraction = 0.0

    def begin(self, stage: str, metric_depth=None):
        """End the stage before, report this one and time it."""
        self._stop()
        message, share = STAGES[stage]
        self._progress(Progress(stage, self._fraction, message, metric_depth))
        self._stage, self._share, self._started = stage, share, time.perf_counter()

    def end(self):
        """Report that all is done."""
        self._stop()
        self._progress(Progress("done", 1.0, "Done"))

    def _stop(self):
        if self._stage is None:
            return
        if self._device != "cpu":  # the work was only queued
            torch.accelerator.synchronize()
        self.seconds[self._stage] = time.perf_counter() - self._started
        self._fraction += self._share
