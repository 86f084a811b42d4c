"""Flatten: a depth map whose planes are exact, with what is off them as it was."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ..inpaint import continue_values
from ..intrinsics import Intrinsics
from ..projection import check_depth, valid_depth
from ..sampling import nearest
from ..windows import near_to
from .find import NO_PLANE, Planes, find_planes
from .lines import STRIP, straight_disparity
from .segments import strips

# An edge that is not on one plane goes over into planes about it within this share of the
# picture's longer side, if it lies off them by more than this ratio.
_AROUND, _MOVED = 0.008, 2e-3
_ROUNDS = 3
# Share of an edge on one plane from which on it is left there.
_WHOLE = 0.8


@dataclass(frozen=True)
class FlatDepth:
    """A depth map laid on its planes.

    Attributes:
        found: The planes.
        depth: (H, W) float32 meters, holes 0, as of `flatten`.
    """

    found: Planes
    depth: np.ndarray

    @classmethod
    def of(
        cls, depth: np.ndarray, intrinsics: Intrinsics, picture: np.ndarray | None = None
    ) -> Self:
        """Find the planes of a depth map and lay it on them; arguments as of `find_planes`."""
        found = find_planes(depth, intrinsics, picture)
        return cls(found, flatten(depth, found, intrinsics))

    def resized(self, width: int, height: int) -> Self:
        """The same in another size, each pixel as the old one in which its middle lies."""
        was = self.depth.shape
        segments = self.found.segments * np.tile((width / was[1], height / was[0]), 2)
        labels = nearest(self.found.labels, width, height)
        found = replace(self.found, labels=labels, segments=segments)
        return replace(self, found=found, depth=nearest(self.depth, width, height))


def flatten(depth: np.ndarray, found: Planes, intrinsics: Intrinsics) -> np.ndarray:
    """Lay what is on a plane exactly on it, and shift what touches it along.

    Off the planes depth is multiplied by what carries that of the planes about it over smoothly,
    so that what stands on a floor still stands on it.

    Args:
        depth: (H, W) z-depth in meters, holes not finite or not above zero.
        found: Its planes.
        intrinsics: Of the depth map.

    Returns:
        (H, W) float32 meters, holes 0.

    Raises:
        ValueError: Depth and intrinsics differ in size.
    """
    depth = check_depth(depth, intrinsics)
    known = valid_depth(depth)
    depth = np.where(known, depth, np.float32(0))
    flat = known & (found.labels != NO_PLANE)
    if not flat.any():
        return depth
    own = 1 / np.where(known, depth, 1)
    disparity = np.where(flat, plane_disparity(found, intrinsics), own)
    fixed, loose = _on_planes(found)
    moved = np.zeros(depth.shape, bool)
    for _ in range(_ROUNDS if len(loose) else 0):
        pixel, straight = straight_disparity(disparity, known & ~fixed, loose)
        moved.ravel()[pixel] |= np.abs(straight / disparity.ravel()[pixel] - 1) > _MOVED
        disparity.ravel()[pixel] = straight
    flat &= fixed | ~near_to(moved, max(2, round(_AROUND * max(depth.shape))))
    flat |= moved
    change = np.zeros((1, *depth.shape), np.float32)
    change[0][flat] = np.log(own[flat] / disparity[flat])
    if (known & ~flat).any():
        change = continue_values(change, flat)
    return np.where(flat, 1 / disparity, depth * np.exp(change[0]))


def _on_planes(found: Planes) -> tuple[np.ndarray, np.ndarray]:
    """Where straight edges lie on one plane each, (H, W) bool, and the other edges, (N, 4)."""
    line, pixel, _, _ = strips(found.segments, found.labels.shape, STRIP)
    votes = np.zeros((len(found.segments), len(found.fits) + 1))
    np.add.at(votes, (line, found.labels.ravel()[pixel]), 1)  # the last for NO_PLANE
    most = votes[:, :-1].max(1, initial=0)
    whole = most > _WHOLE * votes.sum(1)
    fixed = np.zeros(found.labels.shape, bool)
    fixed.ravel()[pixel[whole[line]]] = True
    return fixed & (found.labels != NO_PLANE), found.segments[~whole]


def plane_disparity(found: Planes, intrinsics: Intrinsics) -> np.ndarray:
    """1/z of the plane of each pixel; (H, W) float32, 0 where there is none."""
    u = np.arange(found.labels.shape[1])
    v = np.arange(found.labels.shape[0])
    across = ((u + 0.5 - intrinsics.cx) / intrinsics.fx).astype(np.float32)
    down = ((v + 0.5 - intrinsics.cy) / intrinsics.fy).astype(np.float32)[:, None]
    vectors = np.zeros((len(found.fits) + 1, 3), np.float32)  # the last for NO_PLANE
    vectors[: len(found.fits)] = [plane.vector for plane in found.planes]
    x, y, z = (vectors[:, axis][found.labels] for axis in range(3))
    return x * across + y * down + z
