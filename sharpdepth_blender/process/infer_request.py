"""What Blender asks the engine: the depth of one picture, and how it is to be made."""

import os
from dataclasses import dataclass
from typing import ClassVar

import numpy as np


@dataclass(frozen=True, eq=False)
class InferRequest:
    """A picture whose depth is wanted, and every option of the engine.

    The only place that names them all: `wire` makes a message of it and reads it again.

    Attributes:
        rgb: (H, W, 3), uint8 or float in 0..1.
        intrinsics: (fx, fy, cx, cy), pixels, center of the top-left pixel at (0.5, 0.5).
        metric_depth: (H, W), meters, 0 = no measurement, to sharpen in place of an estimate.
        metric_points: (N, 3) of N >= 1: u, v in pixels of the picture, as of `intrinsics`, and
            z-depth in meters, which the estimate is to agree with. Not beside `metric_depth`.
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

    def __post_init__(self):
        if self.intrinsics is not None:
            object.__setattr__(self, "intrinsics", tuple(map(float, self.intrinsics)))
        for name in ("model", "estimator"):
            if (place := getattr(self, name)) is not None:
                object.__setattr__(self, name, _absolute(place))


def _absolute(place: str | os.PathLike) -> str:
    """A name as it is, a folder without regard to where the child runs."""
    is_name = isinstance(place, str) and not {os.sep, os.altsep} & set(place)
    return place if is_name else os.path.abspath(place)
