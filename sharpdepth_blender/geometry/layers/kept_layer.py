"""Kept layer: a layer as it was made before, that need not be made again."""

from dataclasses import dataclass

import numpy as np

from ..intrinsics import Intrinsics


@dataclass(frozen=True)
class KeptLayer:
    """What is to be known of it.

    Attributes:
        rgba: As of `Layer`, like what follows.
        intrinsics: Likewise.
        distance: Likewise.
        scale: Likewise.
        depth: Likewise.
    """

    rgba: np.ndarray
    intrinsics: Intrinsics
    distance: float
    scale: float
    depth: np.ndarray | None
