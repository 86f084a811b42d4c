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
from .lines import straight_disparity
from .segments import whole_lines

# What lies about an edge within this share of the picture's longer side goes with it, if it is
# moved by more than this ratio; and the share from which on an edge is a long one.
_AROUND, _MOVED = 0.03, 2e-3
_LONG = 0.15


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
    disparity, touched = _straightened(disparity, known, found)
    flat |= touched
    change = np.zeros((1, *depth.shape), np.float32)
    change[0][flat] = np.log(own[flat] / disparity[flat])
    if (known & ~flat).any():
        change = continue_values(change, flat)
    return np.where(flat, 1 / disparity, depth * np.exp(change[0]))


def _straightened(
    disparity: np.ndarray, known: np.ndarray, found: Planes
) -> tuple[np.ndarray, np.ndarray]:
    """1/z with straight edges straight, and (H, W) bool which pixels that has moved.

    What lies about the long edges moves with them before the short ones follow, so that those of
    one thing stay together.
    """
    whole = whole_lines(found.segments, found.lines)
    is_long = np.hypot(*(whole[:, 2:] - whole[:, :2]).T) > _LONG * max(disparity.shape)
    reach = max(2, round(_AROUND * max(disparity.shape)))
    settled, touched = (np.zeros(disparity.shape, bool) for _ in range(2))
    for kind in (is_long, ~is_long):
        some = kind[found.lines]
        if not some.any():
            continue
        number = np.unique(found.lines[some], return_inverse=True)[1]
        pixel, straight = straight_disparity(
            disparity, known, found.segments[some], number, settled
        )
        change = np.zeros((1, *disparity.shape), np.float32)
        change.ravel()[pixel] = np.log(straight / disparity.ravel()[pixel])
        settled.ravel()[pixel] = True
        about = known & near_to(np.abs(change[0]) > _MOVED, reach)
        touched |= about | settled
        disparity = disparity * np.exp(continue_values(change, known & (~about | settled))[0])
    return disparity, touched


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
