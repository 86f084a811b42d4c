"""Colored depth maps, and images embedded in the page."""

import base64
import io

import numpy as np
from PIL import Image

# Color stops from near to far, interpolated linearly: pale yellow, orange, red, violet, night.
_NEAR_TO_FAR = np.array(
    [[252, 255, 190], [251, 155, 60], [205, 65, 75], [110, 30, 110], [20, 10, 50]], float
)
_COLORS = 256  # few enough that lossless images stay small
_UNKNOWN = 128, 128, 128  # no depth
_INCOMPARABLE = 40, 60, 120  # one of the two depths is unknown
_LIMIT = 1.25  # this factor or more is white
_SPARSE = 0.3  # maps with a smaller fraction of known pixels are thickened
_QUALITY = 86


def known(depth: np.ndarray) -> np.ndarray:
    """Mask the pixels of a depth map (H, W) that have a depth."""
    return np.isfinite(depth) & (depth > 0)


def depth_range(depth: np.ndarray) -> tuple[float, float]:
    """Return near and far [m] of a depth map (H, W): the 1st and 99th percentile."""
    near, far = np.percentile(depth[known(depth)], [1, 99])
    return float(near), float(max(far, near * 1.01))


def color_depth(depth: np.ndarray, near: float, far: float) -> np.ndarray:
    """Color depth on a log scale from near to far; (H, W, 3) uint8, gray if unknown."""
    clipped = np.clip(np.where(known(depth), depth, near), near, far)
    share = np.log(clipped / near) / np.log(far / near)
    stops = np.linspace(0, _COLORS - 1, len(_NEAR_TO_FAR))
    colors = [np.interp(np.arange(_COLORS), stops, channel) for channel in _NEAR_TO_FAR.T]
    index = ((_COLORS - 1) * share).round().astype(int)
    return np.where(known(depth)[..., None], np.stack(colors, axis=-1)[index], _UNKNOWN).astype(
        np.uint8
    )


def change(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the absolute log ratio of two depth maps; NaN where either is unknown."""
    both = known(one) & known(other)
    ratio = np.divide(one, other, out=np.full(one.shape, np.nan), where=both)
    return np.abs(np.log(ratio))


def color_change(changed: np.ndarray) -> np.ndarray:
    """Color a `change`: black = equal, white = 25% or more, blue = unknown."""
    gray = (255 * np.clip(np.nan_to_num(changed) / np.log(_LIMIT), 0, 1)).astype(np.uint8)
    return np.where(np.isnan(changed)[..., None], _INCOMPARABLE, gray[..., None]).astype(np.uint8)


def thicken(depth: np.ndarray, times: int) -> np.ndarray:
    """Dilate the points of a sparse map (LiDAR) to make them visible; nearer points win."""
    height, width = depth.shape
    if known(depth).mean() > _SPARSE:
        return depth
    for _ in range(times):
        padded = np.pad(depth, 1, constant_values=np.nan)
        around = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
        depth = np.where(np.isnan(depth), np.fmin.reduce(around), depth)
    return depth


def data_uri(rgb: np.ndarray, lossless: bool) -> str:
    """Encode an image (H, W, 3) uint8 as a data URI."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "WEBP", lossless=lossless, quality=_QUALITY)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode("ascii")
