"""Metrics on a few validation frames during training, on which choices may be based."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np

from .datasets import Sample, open_dataset
from .log import Log
from .metrics import measure

FRAMES = 12
SHOWN = ("abs_rel", "delta1", "dbe_accuracy", "dbe_completeness")


class Validation:
    """Appends a row to <folder>/validation.csv every `validate_every` steps and at the end.

    Does nothing without validation frames.

    Args:
        config: The whole config.
        folder: Folder of the stage.
        first: Step at which this run starts.
        settings: Table of the stage, with `steps` and `validate_every`.
    """

    def __init__(self, config, folder: Path, first: int, settings):
        self.samples = []
        if count := min(FRAMES, config.render.validation):
            frames = open_dataset("rendered", Path(config.folder) / "frames" / "validation")
            self.samples = list(islice(frames, count))
        self.log = Log(folder / "validation.csv", first)
        self.every, self.steps = settings.validate_every, settings.steps

    def show(self, steps: int, infer: Callable[[Sample], np.ndarray]):
        """Measure after `steps` steps, if due; `infer` returns depth (H, W) in meters."""
        if not self.samples or (steps % self.every and steps != self.steps):
            return
        rows = [measure(infer(each), each.depth, each.valid) for each in self.samples]
        values = {name: np.array([row[name] for row in rows]) for name in SHOWN}
        known = {name: each[~np.isnan(each)] for name, each in values.items()}
        self.log.add(steps, **{n: v.mean() if len(v) else np.nan for n, v in known.items()})
