"""Validation of the engine's inputs."""

import numpy as np
import torch

from ..geometry import Intrinsics
from .errors import EngineError


def check_picture(rgb) -> np.ndarray:
    """Return the picture as an array (H, W, 3), uint8 or float in 0..1.

    Raises:
        EngineError: `bad_image`, if it is anything else.
    """
    rgb = np.asarray(rgb)
    if rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise EngineError(
            "bad_image", f"The picture must have the shape (H, W, 3), not {rgb.shape}."
        )
    if rgb.dtype == np.uint8:
        return rgb
    if not np.issubdtype(rgb.dtype, np.floating):
        raise EngineError("bad_image", f"The picture must be uint8 or float, not {rgb.dtype}.")
    # Written so that NaN fails too; the margin allows for rounding.
    if not (rgb.min() >= -1e-3 and rgb.max() <= 1 + 1e-3):
        raise EngineError("bad_image", "A float picture must have values in the range 0 to 1.")
    return rgb.clip(0, 1)


def picture_tensor(rgb: np.ndarray) -> torch.Tensor:
    """Convert a checked picture to a float32 tensor (1, 3, H, W) in 0..1."""
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1), np.float32)
    return torch.from_numpy(planes / 255 if rgb.dtype == np.uint8 else planes)[None]


def check_depth(depth, height: int, width: int, whose: str) -> torch.Tensor:
    """Return a copy of metric depth as a float32 tensor (1, 1, height, width) on the CPU.

    Args:
        depth: Array or tensor of meters, (height, width) with any leading axes of length 1;
            0 = not measured.
        height: Expected rows.
        width: Expected columns.
        whose: Subject of the error sentences, naming the source.

    Raises:
        EngineError: `bad_depth`, if the shape differs, a value is not a number, NaN, infinite or
            negative, or all values are zero.
    """
    if not isinstance(depth, torch.Tensor):
        depth = np.asarray(depth)
        if depth.dtype.kind not in "fiu":
            raise EngineError("bad_depth", f"{whose} contains {depth.dtype}, not numbers.")
        # Through numpy, because torch supports neither big-endian numbers nor negative strides.
        depth = torch.from_numpy(np.array(depth, np.float32, order="C"))
    shape = tuple(depth.shape)
    if shape[-2:] != (height, width) or any(side != 1 for side in shape[:-2]):
        raise EngineError(
            "bad_depth",
            f"{whose} has the shape {shape}, but the picture has ({height}, {width}).",
        )
    depth = depth.to("cpu", torch.float32, copy=True).reshape(1, 1, height, width)
    if not torch.isfinite(depth).all():
        raise EngineError("bad_depth", f"{whose} contains NaN or infinite values.")
    if (depth < 0).any():
        raise EngineError("bad_depth", f"{whose} contains negative depths.")
    if not depth.any():
        raise EngineError(
            "bad_depth", f"{whose} is zero everywhere, so it contains no measurement."
        )
    return depth


def check_points(points, height: int, width: int) -> np.ndarray:
    """Return the visible measured points, (N, 3) float64 as u, v, meters.

    Points outside the picture and at or behind the camera are dropped.

    Args:
        points: u and v in pixels, with the top-left pixel center at (0.5, 0.5).
        height: Picture height, pixels.
        width: Picture width, pixels.

    Raises:
        EngineError: `bad_depth`, if they are not finite numbers of that shape, or none is left.
    """
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] != 3 or points.dtype.kind not in "fiu":
        raise EngineError(
            "bad_depth",
            f"Measured points must be numbers of shape (N, 3), not {points.dtype} {points.shape}.",
        )
    points = points.astype(np.float64)
    if not np.isfinite(points).all():
        raise EngineError("bad_depth", "The measured points contain NaN or infinite values.")
    u, v, depth = points.T
    points = points[(u >= 0) & (u < width) & (v >= 0) & (v < height) & (depth > 0)]
    if not len(points):
        raise EngineError(
            "bad_depth", "No measured point is inside the picture and in front of the camera."
        )
    return points


def check_resolution(resolution: int) -> int:
    """Return the processing resolution in pixels; 0 = the picture's own.

    Raises:
        EngineError: `bad_request`.
    """
    if resolution != int(resolution) or resolution < 0:
        raise EngineError(
            "bad_request", f"The processing resolution must be an integer >= 0, not {resolution}."
        )
    return int(resolution)


def check_intrinsics(intrinsics, height: int, width: int) -> Intrinsics:
    """Return the intrinsics for a picture of this size.

    Args:
        intrinsics: `Intrinsics`, or any sequence fx, fy, cx, cy in pixels.
        height: Picture height, pixels.
        width: Picture width, pixels.

    Raises:
        EngineError: `bad_request`, if they are not four finite numbers with positive fx and fy, or
            `Intrinsics` for another size.
    """
    if isinstance(intrinsics, Intrinsics) and (intrinsics.height, intrinsics.width) != (
        height,
        width,
    ):
        raise EngineError(
            "bad_request",
            f"The intrinsics are for {intrinsics.width} x {intrinsics.height} pixels, "
            f"but the picture is {width} x {height}.",
        )
    values = tuple(float(value) for value in intrinsics)
    try:
        return Intrinsics(*values, width=width, height=height)
    except (TypeError, ValueError) as error:
        raise EngineError(
            "bad_request", f"Intrinsics must be fx, fy, cx, cy with fx, fy > 0, not {values}."
        ) from error
