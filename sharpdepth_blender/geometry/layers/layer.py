"""Layer: what one layer of a picture shows."""

from dataclasses import dataclass

import numpy as np

from ..intrinsics import Intrinsics


@dataclass(frozen=True)
class Layer:
    """One layer of a picture.

    Attributes:
        id: Of its settings.
        rgba: (H, W, 4) float32, straight alpha, the picture's own kind of values.
        intrinsics: Of that size: the picture's camera, with what lies beyond the picture's borders.
        distance: Depth in meters at which a card of it stands; of a dome, its radius.
        depth: (h, w) float32 meters, 0 where there is nothing, spread evenly over the same frame;
            None for a card.
        share: Of the picture's pixels, those that belong to it, 0..1.
        known: (H, W) bool, pixels of the picture that show nothing but this layer.
        invented: (H, W) bool, pixels that the picture does not show of it; what is there may be
            changed, and the layers over each other still make the picture.
        scale: By how much farther it stands than the picture says, to be behind what is before it.
    """

    id: int
    rgba: np.ndarray
    intrinsics: Intrinsics
    distance: float
    depth: np.ndarray | None
    share: float
    known: np.ndarray
    invented: np.ndarray
    scale: float = 1.0
