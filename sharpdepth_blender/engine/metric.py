"""What the engine asks of a metric depth model."""

from dataclasses import dataclass
from typing import Protocol

import torch

from .grid import Intrinsics


@dataclass(frozen=True)
class MetricEstimate:
    """Metric depth of one picture.

    Attributes:
        depth: z-depth in metres, (1, 1, h, w); 0 where there is none.
        intrinsics: (fx, fy, cx, cy) in pixels of that picture, as given or as found.
    """

    depth: torch.Tensor
    intrinsics: Intrinsics | None


class MetricEstimator(Protocol):
    """A metric depth model, f_D.

    Attributes:
        finds_intrinsics: Whether it finds intrinsics when it is given none. Otherwise it is always
            given some, assumed ones if need be.
    """

    finds_intrinsics: bool

    def predict(self, picture: torch.Tensor, intrinsics: Intrinsics | None) -> MetricEstimate:
        """Estimate metric depth.

        Args:
            picture: (1, 3, h, w) float, whole numbers in 0..255.
            intrinsics: Of that picture, in its pixels; None only for a model that finds them.
        """
        ...
