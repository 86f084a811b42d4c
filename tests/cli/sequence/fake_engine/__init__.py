"""An engine that takes brightness for depth, and is a little off in every picture."""

import os
import time
from types import SimpleNamespace

import numpy as np

from .errors import EngineError


class SharpDepth:
    def __init__(self, model):
        self.model, self.device, self.processing_resolution = model, "cpu", 64

    @classmethod
    def load(cls, model, device, precision, estimator):
        if model == "unknown":
            raise EngineError("unknown_model", "There is no model “unknown”.")
        return cls(model)

    def infer(self, rgb, intrinsics=None, metric_depth=None, seed=0, progress=None, **_):
        time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
        with open(os.environ["FAKE_LOG"], "a") as log:
            log.write(f"{intrinsics and intrinsics[0]}\n")
        off = np.random.default_rng(int(rgb.sum()) + seed).uniform(0.96, 1.04)
        depth = np.float32(off) * (2 + rgb.mean(-1, dtype=np.float32) / 64)
        return SimpleNamespace(
            sky=None,
            normals=None,
            holes=None,
            found=None,
            depth=depth,
            metric_depth=depth * np.float32(1.05),
            difference=np.zeros_like(depth),
            scale=2.0,
            shift=-1.0,
            intrinsics=intrinsics or (61.5 + off, 61.5 + off, 36.0, 27.0),
            seconds={},
            memory={},
            notes=[],
        )
