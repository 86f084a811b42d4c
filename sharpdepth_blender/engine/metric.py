"""Interface of metric depth models."""

from dataclasses import dataclass, field
from typing import Protocol

import torch

from ..geometry import Intrinsics

DEFAULT_FIELD_OF_VIEW = 60.0  # degrees across the longer side, for an unknown camera


@dataclass(frozen=True)
class MetricEstimate:
    """Metric depth of one picture.

    Attributes:
        depth: z-depth in meters, (1, 1, h, w); 0 where unknown.
        intrinsics: Intrinsics of the picture, as given or else as estimated.
        points: Meters in camera axes (x right, y down, z forward), (1, 3, h, w), if the model
            predicts them.
        normals: Unit normals in camera axes, (1, 3, h, w), towards the camera, if the model
            predicts them; 0 where unknown.
        sky: Probability that a pixel is sky, (1, 1, h, w) in 0..1, if the model finds that.
        found: Intrinsics that the model finds in the picture alone, even where others were given,
            if it can.
        confidence: The model's error estimate, (1, 1, h, w), larger = less reliable, if it has
            one; comparable only within one picture.
        notes: Sentences for the user.
    """

    depth: torch.Tensor
    intrinsics: Intrinsics | None
    points: torch.Tensor | None = None
    normals: torch.Tensor | None = None
    sky: torch.Tensor | None = None
    found: Intrinsics | None = None
    confidence: torch.Tensor | None = None
    notes: list[str] = field(default_factory=list)


class MetricEstimator(Protocol):
    """A metric depth model, f_D.

    Attributes:
        takes_intrinsics: Whether the network uses given intrinsics.
        finds_intrinsics: Whether it estimates intrinsics if none are given. A model that takes but
            cannot estimate them is always given some, assumed ones if necessary.
    """

    takes_intrinsics: bool
    finds_intrinsics: bool

    def predict(self, picture: torch.Tensor, intrinsics: Intrinsics | None) -> MetricEstimate:
        """Estimate metric depth.

        Args:
            picture: (1, 3, h, w) float, integers in 0..255, on the model's device.
            intrinsics: Intrinsics of the picture, if known.
        """
        ...

    def to(self, device) -> "MetricEstimator":
        """Move the networks to a device."""
        ...
