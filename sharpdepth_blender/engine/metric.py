"""What the engine asks of a metric depth model."""

from dataclasses import dataclass, field
from typing import Protocol

import torch

from ..geometry import Intrinsics

DEFAULT_FIELD_OF_VIEW = 60.0  # degrees across the longer side, of a camera nobody knows


@dataclass(frozen=True)
class MetricEstimate:
    """Metric depth of one picture.

    Attributes:
        depth: z-depth in meters, (1, 1, h, w); 0 where there is none.
        intrinsics: Of that picture, as given, else as found.
        points: Meters in the camera's axes (x right, y down, z forward), (1, 3, h, w), from a
            model that gives them.
        confidence: The model's own measure of error, (1, 1, h, w), larger = less reliable, from a
            model that gives one; comparable only within one picture.
        notes: A sentence for what the reader of the depth has to know.
    """

    depth: torch.Tensor
    intrinsics: Intrinsics | None
    points: torch.Tensor | None = None
    confidence: torch.Tensor | None = None
    notes: list[str] = field(default_factory=list)


class MetricEstimator(Protocol):
    """A metric depth model, f_D.

    Attributes:
        takes_intrinsics: Whether the network sees the intrinsics that it is given.
        finds_intrinsics: Whether it finds intrinsics when it is given none. One that takes them
            without finding any is always given some, assumed ones if need be.
    """

    takes_intrinsics: bool
    finds_intrinsics: bool

    def predict(self, picture: torch.Tensor, intrinsics: Intrinsics | None) -> MetricEstimate:
        """Estimate metric depth.

        Args:
            picture: (1, 3, h, w) float, whole numbers in 0..255, on the model's device.
            intrinsics: Of that picture, where they are known.
        """
        ...

    def to(self, device) -> "MetricEstimator":
        """Move the networks to a device."""
        ...
