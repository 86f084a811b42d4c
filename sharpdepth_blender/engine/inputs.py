"""Checking what comes into the engine, before any network sees it."""

import numpy as np
import torch

from ..geometry import Intrinsics
from .errors import EngineError


def check_picture(rgb) -> np.ndarray:
    """The picture as an array (H, W, 3), uint8 or float in 0..1.

    Raises:
        EngineError: `bad_image`, when it is anything else.
    """
    rgb = np.asarray(rgb)
    if rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise EngineError("bad_image", f"A picture has the shape (H, W, 3), not {rgb.shape}.")
    if rgb.dtype == np.uint8:
        return rgb
    if not np.issubdtype(rgb.dtype, np.floating):
        raise EngineError("bad_image", f"A picture is uint8 or float, not {rgb.dtype}.")
    # Written so that NaN fails it too; the margin forgives rounding on the way here.
    if not (rgb.min() >= -1e-3 and rgb.max() <= 1 + 1e-3):
        raise EngineError("bad_image", "A float picture must hold values from 0 to 1 only.")
    return rgb.clip(0, 1)


def picture_tensor(rgb: np.ndarray) -> torch.Tensor:
    """A checked picture as a float32 tensor (1, 3, H, W) in 0..1."""
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1), np.float32)
    return torch.from_numpy(planes / 255 if rgb.dtype == np.uint8 else planes)[None]


def check_depth(depth, height: int, width: int, whose: str) -> torch.Tensor:
    """Metric depth as a float32 tensor (1, 1, height, width) on the CPU that has something to say.

    It is a copy.

    Args:
        depth: Array or tensor of meters, (height, width) with any leading axes of length 1.
            0 means that nothing was measured there.
        height: Rows it must have.
        width: Columns it must have.
        whose: Who gave it, to begin the sentence of an error.

    Raises:
        EngineError: `bad_depth`, when the shape is another, a value is no number, NaN, infinite or
            negative, or nothing at all was measured.
    """
    if not isinstance(depth, torch.Tensor):
        depth = np.asarray(depth)
        if depth.dtype.kind not in "fiu":
            raise EngineError("bad_depth", f"{whose} holds {depth.dtype}, not numbers.")
        # Through numpy, because torch knows neither big-endian numbers nor negative strides.
        depth = torch.from_numpy(np.array(depth, np.float32, order="C"))
    shape = tuple(depth.shape)
    if shape[-2:] != (height, width) or any(side != 1 for side in shape[:-2]):
        raise EngineError(
            "bad_depth",
            f"{whose} has the shape {shape}, but the picture needs ({height}, {width}).",
        )
    depth = depth.to("cpu", torch.float32, copy=True).reshape(1, 1, height, width)
    if not torch.isfinite(depth).all():
        raise EngineError("bad_depth", f"{whose} holds values that are NaN or infinite.")
    if (depth < 0).any():
        raise EngineError("bad_depth", f"{whose} holds negative depths.")
    if not depth.any():
        raise EngineError("bad_depth", f"{whose} is zero everywhere, so it measures nothing.")
    return depth


def check_points(points, height: int, width: int) -> np.ndarray:
    """Measured points (N, 3) of u, v, meters as float64: those that the picture shows.

    The others are left out: outside the picture, at or behind the camera.

    Args:
        points: u and v in pixels, the center of the top-left pixel at (0.5, 0.5).
        height: Of the picture, pixels.
        width: Likewise.

    Raises:
        EngineError: `bad_depth`, unless they are finite numbers of that shape, and one is left.
    """
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] != 3 or points.dtype.kind not in "fiu":
        raise EngineError(
            "bad_depth",
            f"Measured points are numbers of the shape (N, 3), not {points.dtype} {points.shape}.",
        )
    points = points.astype(np.float64)
    if not np.isfinite(points).all():
        raise EngineError("bad_depth", "The measured points hold values that are NaN or infinite.")
    u, v, depth = points.T
    points = points[(u >= 0) & (u < width) & (v >= 0) & (v < height) & (depth > 0)]
    if not len(points):
        raise EngineError(
            "bad_depth", "None of the measured points lies in the picture and before the camera."
        )
    return points


def check_resolution(resolution: int) -> int:
    """Processing resolution in pixels, 0 for the picture's own.

    Raises:
        EngineError: `bad_request`.
    """
    if resolution != int(resolution) or resolution < 0:
        raise EngineError(
            "bad_request", f"The processing resolution is {resolution}, not a whole number >= 0."
        )
    return int(resolution)


def check_intrinsics(intrinsics, height: int, width: int) -> Intrinsics:
    """Intrinsics of a picture of that size.

    Args:
        intrinsics: `Intrinsics`, or any fx, fy, cx, cy in pixels.
        height: Of the picture, pixels.
        width: Likewise.

    Raises:
        EngineError: `bad_request`, unless they are four finite numbers with fx and fy above zero,
            and `Intrinsics` are of that size.
    """
    if isinstance(intrinsics, Intrinsics) and (intrinsics.height, intrinsics.width) != (
        height,
        width,
    ):
        raise EngineError(
            "bad_request",
            f"The intrinsics are of a picture of {intrinsics.width} x {intrinsics.height} pixels, "
            f"but this one has {width} x {height}.",
        )
    values = tuple(float(value) for value in intrinsics)
    try:
        return Intrinsics(*values, width=width, height=height)
    except (TypeError, ValueError) as error:
        raise EngineError(
            "bad_request", f"Intrinsics are fx, fy, cx, cy with fx and fy above 0, not {values}."
        ) from error
