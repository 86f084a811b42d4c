"""Splats: surfaces as 3D Gaussians, in the PLY file that viewers of radiance fields open.

The fields are those of Kerbl et al., "3D Gaussian Splatting for Real-Time Radiance Field Rendering"
(ACM Transactions on Graphics 42, 2023), as their program writes them.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..files import atomic_write
from .intrinsics import Intrinsics

# Value of the first spherical harmonic, 1 / (2 sqrt(pi)).
_SH_0 = 0.28209479177387814
# Coefficients of higher ones, all 0: what a surface emits is the same in all directions.
_REST = 45
# Standard deviation of a splat in samples; less shows gaps from nearby, more blurs.
_SPREAD = 0.5
# Its thickness as a share of its lesser width.
_THICKNESS = 0.1
# A sample's splat is so many times as long at most as of a surface that faces the camera.
_LONGEST = 30.0
# Viewers show no alpha above this.
_OPAQUE = 0.99
_ROWS = 1 << 16  # written at a time


@dataclass(frozen=True)
class Splats:
    """Gaussians.

    Attributes:
        points: (N, 3) float32 centers.
        scales: (N, 3) float32 standard deviations along their own axes, > 0.
        rotations: (N, 4) float32 unit quaternions w, x, y, z, from their axes to the points'.
        colors: (N, 3) float32 sRGB in 0..1.
        opacities: (N,) float32 in 0..1, exclusively.
    """

    points: np.ndarray
    scales: np.ndarray
    rotations: np.ndarray
    colors: np.ndarray
    opacities: np.ndarray


def splats_of(
    depth: np.ndarray, rgb: np.ndarray, alpha: np.ndarray, intrinsics: Intrinsics
) -> Splats:
    """Make one flat Gaussian a pixel, which covers what its camera sees by it of the surface.

    The surface at a pixel is the plane through it and the nearer one, in 1/z, of its neighbors in
    the row and in the column, so that no edge is bridged.

    Args:
        depth: (H, W) z-depth, 0 where there is nothing.
        rgb: (H, W, 3) uint8 sRGB.
        alpha: (H, W) in 0..1; what is below 1/255 is left out.
        intrinsics: Of that size.

    Returns:
        Gaussians in the camera's space, x right, y down, z forward, in the unit of the depth.
    """
    there = (depth > 0) & (alpha >= 1 / 255)
    row, column = np.nonzero(there)
    z = depth[there].astype(np.float64)
    k = intrinsics
    ray = np.stack(
        [(column + 0.5 - k.cx) / k.fx, (row + 0.5 - k.cy) / k.fy, np.ones(len(z))], axis=-1
    )
    disparity = np.where(depth > 0, 1 / np.where(depth > 0, depth, 1), np.nan).astype(np.float64)
    tangents = []
    for axis, focal in ((1, k.fx), (0, k.fy)):
        change = -(z**2) * _slope(disparity, axis)[there]
        limit = _LONGEST * z / focal
        change = np.clip(np.nan_to_num(change), -limit, limit)
        tangent = ray * change[:, None]
        tangent[:, 1 - axis] += z / focal
        tangents.append(tangent * _SPREAD)
    scales, rotations = _ellipses(*tangents)
    return Splats(
        (ray * z[:, None]).astype(np.float32),
        scales.astype(np.float32),
        rotations.astype(np.float32),
        rgb[there].astype(np.float32) / np.float32(255),
        np.clip(alpha[there], 1 / 255, _OPAQUE).astype(np.float32),
    )


def moved_splats(splats: Splats, matrix: np.ndarray) -> Splats:
    """Splats elsewhere.

    Args:
        splats: To be moved.
        matrix: (4, 4), a rotation and a translation.

    Returns:
        New ones.
    """
    points = splats.points @ matrix[:3, :3].T + matrix[:3, 3]
    w, x, y, z = _quaternions(matrix[None, :3, :3])[0]
    turn = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    rotations = (splats.rotations @ turn.T).astype(np.float32)
    return Splats(
        points.astype(np.float32), splats.scales, rotations, splats.colors, splats.opacities
    )


def write_splats(path: str | os.PathLike[str], parts: Sequence[Splats]) -> None:
    """Write splats as a binary little-endian PLY, beside `path` first and then in its place.

    Of each: x, y, z; a normal, 0; f_dc_0 to f_dc_2, the color less 0.5 over the first spherical
    harmonic; f_rest_0 to f_rest_44, 0; opacity, as its logit; scale_0 to scale_2, as their natural
    logarithms; and rot_0 to rot_3.

    Args:
        path: File to write.
        parts: Splats, one part after the other.

    Raises:
        OSError: The file cannot be written.
    """
    names = [*"xyz", "nx", "ny", "nz"]
    names += [f"f_dc_{number}" for number in range(3)]
    names += [f"f_rest_{number}" for number in range(_REST)]
    names += ["opacity", *(f"scale_{n}" for n in range(3)), *(f"rot_{n}" for n in range(4))]
    count = sum(len(part.points) for part in parts)
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {count}"]
    header += [*(f"property float {name}" for name in names), "end_header", ""]
    with atomic_write(path) as beside, open(beside, "wb") as file:
        file.write("\n".join(header).encode("ascii"))
        for part in parts:
            for first in range(0, len(part.points), _ROWS):
                file.write(_table(part, slice(first, first + _ROWS), len(names)).data)


def _table(part: Splats, rows: slice, width: int) -> np.ndarray:
    points, opacities = part.points[rows], part.opacities[rows]
    table = np.zeros((len(points), width), "<f4")
    table[:, :3] = points
    table[:, 6:9] = (part.colors[rows] - 0.5) / _SH_0
    table[:, -8] = np.log(opacities / (1 - opacities))
    table[:, -7:-4] = np.log(part.scales[rows])
    table[:, -4:] = part.rotations[rows]
    return table


def _slope(disparity: np.ndarray, axis: int) -> np.ndarray:
    """Change of 1/z from pixel to pixel, toward the neighbor that is nearer in 1/z; NaN of none."""
    step = np.diff(disparity, axis=axis)
    ends = [(0, 0), (0, 0)]
    ends[axis] = (1, 0)
    before = np.pad(step, ends, constant_values=np.nan)
    ends[axis] = (0, 1)
    after = np.pad(step, ends, constant_values=np.nan)
    nearer = np.isnan(after) | (np.abs(before) < np.abs(after))
    return np.where(nearer, before, after)


def _ellipses(right: np.ndarray, down: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Widths along the axes of the ellipses that two conjugate half-axes span, and rotations."""
    a, b, c = (
        np.einsum("ij,ij->i", *pair) for pair in ((right, right), (right, down), (down, down))
    )
    angle = np.arctan2(2 * b, a - c) / 2
    major = right * np.cos(angle)[:, None] + down * np.sin(angle)[:, None]
    length = np.linalg.norm(major, axis=1)
    normal = np.cross(right, down)
    area = np.linalg.norm(normal, axis=1)
    width = area / length
    first = major / length[:, None]
    third = normal / area[:, None]
    second = np.cross(third, first)
    scales = np.stack([length, width, _THICKNESS * width], -1)
    return scales, _quaternions(np.stack([first, second, third], axis=-1))


def _quaternions(matrices: np.ndarray) -> np.ndarray:
    """(N, 4) w, x, y, z of (N, 3, 3) rotations, by the largest of the four, which is never 0."""
    m = np.moveaxis(matrices, 0, -1)
    squares = np.stack(
        [
            1 + m[0, 0] + m[1, 1] + m[2, 2],
            1 + m[0, 0] - m[1, 1] - m[2, 2],
            1 - m[0, 0] + m[1, 1] - m[2, 2],
            1 - m[0, 0] - m[1, 1] + m[2, 2],
        ]
    )
    wx, wy, wz = m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]
    xy, xz, yz = m[0, 1] + m[1, 0], m[0, 2] + m[2, 0], m[1, 2] + m[2, 1]
    rows = np.array(
        [
            [squares[0], wx, wy, wz],
            [wx, squares[1], xy, xz],
            [wy, xy, squares[2], yz],
            [wz, xz, yz, squares[3]],
        ]
    )
    largest = squares.argmax(0)
    found = rows[largest, :, np.arange(len(largest))]
    return found / np.linalg.norm(found, axis=1, keepdims=True)
