"""Layer settings: how a picture is parted into layers, and what one layer is."""

from dataclasses import dataclass

import numpy as np

from ..intrinsics import Intrinsics
from ..thresholds import FEWEST, MOST


@dataclass(frozen=True)
class LayerSettings:
    """How a picture is parted into layers by its depth.

    Attributes:
        thresholds: Ascending meters; a layer reaches from one of them up to the next.
        sky: What lies beyond so many meters is the sky; 0 leaves it to holes of the depth.
        near: What lies nearer is left out.
        edge: Pixels over which the edge of a layer fades; 0 to 32.
        move: Meters by which the camera may go in any direction without a hole to be seen.
        cards: Whether layers are flat, not relief.

    Raises:
        ValueError: A value is outside its range.
    """

    thresholds: tuple[float, ...]
    sky: float = 0.0
    near: float = 0.0
    edge: int = 3
    move: float = 0.0
    cards: bool = False

    def __post_init__(self) -> None:
        thresholds = tuple(float(each) for each in self.thresholds)
        object.__setattr__(self, "thresholds", thresholds)
        if not FEWEST <= len(thresholds) + 1 <= MOST:
            raise ValueError(
                f"A picture has {FEWEST} to {MOST} layers, so {FEWEST - 1} to {MOST - 1} "
                f"thresholds, not {len(thresholds)}."
            )
        ends = (0.0, *thresholds, *((self.sky,) if self.sky > 0 else ()))
        if not np.isfinite(ends).all() or not (np.diff(ends) > 0).all():
            raise ValueError("Thresholds must ascend from above 0, and the sky lie beyond them.")
        if not (0 <= self.edge <= 32 and int(self.edge) == self.edge):
            raise ValueError(f"An edge is 0 to 32 whole pixels wide, not {self.edge}.")
        if not (np.isfinite(self.move) and self.move >= 0):
            raise ValueError(f"A move is 0 meters or more, not {self.move}.")


@dataclass(frozen=True)
class Layer:
    """One layer of a picture.

    Attributes:
        rgba: (H, W, 4) float32, straight alpha, the picture's own kind of values.
        intrinsics: Of that size: the picture's camera, with what lies beyond the picture's borders.
        distance: Depth in meters at which a card of it stands.
        depth: (h, w) float32 meters, 0 where there is nothing, spread evenly over the same frame;
            None for a card.
        share: Of the picture's pixels, those that belong to it, 0..1.
        is_sky: Whether it is what lies beyond all depth.
    """

    rgba: np.ndarray
    intrinsics: Intrinsics
    distance: float
    depth: np.ndarray | None
    share: float
    is_sky: bool = False
