"""The request for depth of a picture, with all options."""

import os
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

# What the networks are run at, pixels. More would take the memory of the largest machines.
SMALLEST, LARGEST = 16, 8192


@dataclass(frozen=True, eq=False)
class InferRequest:
    """A picture and every option of the engine.

    The single definition of these options: `wire` converts it to a message and back.

    Attributes:
        rgb: (H, W, 3), uint8 or float in 0..1.
        intrinsics: (fx, fy, cx, cy), pixels, with the top-left pixel center at (0.5, 0.5).
        metric_depth: (H, W), meters, 0 = no measurement, to sharpen instead of an estimate.
        metric_points: (N, 3) with N >= 1: u, v in pixels of the picture, as for `intrinsics`, and
            z-depth in meters, to which the estimate is fitted. Not allowed with `metric_depth`.
        model: Preset name, or a model folder as a `Path` or as a string with a separator.
        estimator: Name of a metric depth model's weights, or their folder as for `model`; None
            for the model's own.
        device: `auto`, `cuda`, `mps` or `cpu`.
        precision: Precision of the networks: `auto`, `fp32`, `fp16`, `bf16` or `fast`; see
            `SharpDepth.load`.
        resolution: Longer side of the network input, pixels, 16 to 8192; 0 for the picture's own,
            None for the model's own.
        detail: `off` upsamples depth smoothly from the processing resolution; `edges` makes depth
            edges as sharp as the full-size picture; `tiles` additionally runs the model on
            overlapping tiles.
        seed: Seed for the noise.
        ahead: Whether to stop at the metric depth, and keep it for the next such picture.
    """

    TYPE: ClassVar[str] = "infer"

    rgb: np.ndarray
    intrinsics: tuple[float, ...] | None = None
    metric_depth: np.ndarray | None = None
    metric_points: np.ndarray | None = None
    model: str | os.PathLike = "preview"
    estimator: str | os.PathLike | None = None
    device: str = "auto"
    precision: str = "auto"
    resolution: int | None = None
    detail: str = "edges"
    seed: int = 0
    ahead: bool = False

    def __post_init__(self):
        if self.resolution and not SMALLEST <= self.resolution <= LARGEST:
            raise ValueError(f"resolution must be {SMALLEST} to {LARGEST}, not {self.resolution}")
        if self.intrinsics is not None:
            object.__setattr__(self, "intrinsics", tuple(map(float, self.intrinsics)))
        for name in ("model", "estimator"):
            if (place := getattr(self, name)) is not None:
                object.__setattr__(self, name, name_or_folder(place))


def name_or_folder(place: str | os.PathLike) -> str:
    """Return a name unchanged, and a folder as an absolute path for the child."""
    is_name = isinstance(place, str) and not {os.sep, os.altsep} & set(place)
    return place if is_name else os.path.abspath(place)
