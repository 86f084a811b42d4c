"""Sight: how a picture shows points, through a lens or all around."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from .intrinsics import Intrinsics


class Sight(Protocol):
    """Between points in Blender's camera space and their places in a picture.

    Places are (..., 2) in 0..1, u to the right and v upwards, as UVs.
    """

    @property
    def intrinsics(self) -> Intrinsics:
        """Of the picture; of a panorama as of `panorama_lens`."""
        ...

    @property
    def is_around(self) -> bool:
        """Whether the picture goes on from its right edge to its left one."""
        ...

    def depth(self, points: np.ndarray) -> np.ndarray:
        """How far points (..., 3) are, as the picture's depth map tells it, (...)."""
        ...

    def rays(self, places: np.ndarray) -> np.ndarray:
        """Points at places that are 1 far, (..., 3) float32."""
        ...

    def off(self, points: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Pixels between where points are seen and places, as vectors (..., 2 or 3)."""
        ...


@dataclass(frozen=True)
class LensSight:
    """What a pinhole camera sees; its depth is z-depth."""

    intrinsics: Intrinsics
    is_around: ClassVar[bool] = False

    def depth(self, points: np.ndarray) -> np.ndarray:
        """As of `Sight`."""
        return -points[..., 2]

    def rays(self, places: np.ndarray) -> np.ndarray:
        """As of `Sight`."""
        k = self.intrinsics
        x = (places[..., 0] * k.width - k.cx) / k.fx
        y = (k.cy - (1 - places[..., 1]) * k.height) / k.fy
        return np.stack([x, y, -np.ones_like(x)], -1).astype(np.float32)

    def off(self, points: np.ndarray, places: np.ndarray) -> np.ndarray:
        """As of `Sight`."""
        k = self.intrinsics
        u = np.float32(k.fx) * points[..., 0] / -points[..., 2] + np.float32(k.cx)
        v = np.float32(k.cy) - np.float32(k.fy) * points[..., 1] / -points[..., 2]
        across = u - np.float32(k.width) * places[..., 0]
        down = v - np.float32(k.height) * (1 - places[..., 1])
        return np.stack([across, down], -1)


@dataclass(frozen=True)
class PanoramaSight:
    """What an equirectangular picture shows; its depth is ray length.

    Pixels are those of the picture's middle row, by the angle: near the poles, where a row is a
    small circle, columns say little about how far two directions are apart.
    """

    intrinsics: Intrinsics
    is_around: ClassVar[bool] = True

    def depth(self, points: np.ndarray) -> np.ndarray:
        """As of `Sight`."""
        return np.sqrt(np.einsum("...i,...i->...", points, points))

    def rays(self, places: np.ndarray) -> np.ndarray:
        """As of `Sight`."""
        k = self.intrinsics
        turn = (places[..., 0] * k.width - k.cx) / k.fx
        tilt = (k.cy - (1 - places[..., 1]) * k.height) / k.fy
        level = np.cos(tilt)
        ray = np.stack([level * np.sin(turn), np.sin(tilt), -level * np.cos(turn)], -1)
        return ray.astype(np.float32)

    def off(self, points: np.ndarray, places: np.ndarray) -> np.ndarray:
        """As of `Sight`."""
        seen = points / self.depth(points)[..., None]
        return np.float32(self.intrinsics.fx) * (seen - self.rays(places))
