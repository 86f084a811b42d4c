"""Pictures of depth: colours for metres, and images that lie within a page."""

import base64
import io

import numpy as np
from PIL import Image

# Colours of near to far, mixed linearly: pale yellow, orange, red, violet, night.
_NEAR_TO_FAR = np.array(
    [[252, 255, 190], [251, 155, 60], [205, 65, 75], [110, 30, 110], [20, 10, 50]], float
)
_UNKNOWN = 128  # grey, where there is no depth
_QUALITY = 86


def depth_range(depth: np.ndarray) -> tuple[float, float]:
    """Return near and far [m] of a depth map (H, W): all but a hundredth at either end."""
    near, far = np.nanpercentile(depth, [1, 99])
    return float(near), float(max(far, near * 1.01))


def colour_depth(depth: np.ndarray, near: float, far: float) -> np.ndarray:
    """Colour metres by their logarithm between near and far; (H, W, 3) uint8, grey where NaN."""
    known = np.isfinite(depth)
    clipped = np.clip(np.where(known, depth, near), near, far)
    share = np.log(clipped / near) / np.log(far / near)
    stops = np.linspace(0, 1, len(_NEAR_TO_FAR))
    colours = np.stack([np.interp(share, stops, channel) for channel in _NEAR_TO_FAR.T], axis=-1)
    return np.where(known[..., None], colours, _UNKNOWN).astype(np.uint8)


def colour_ratio(one: np.ndarray, other: np.ndarray, limit: float = 1.25) -> np.ndarray:
    """Show where two depth maps differ: black = equal, white = by `limit` or more."""
    share = np.abs(np.log(one / other)) / np.log(limit)
    grey = (255 * np.clip(share, 0, 1)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def data_uri(rgb: np.ndarray) -> str:
    """Return an image (H, W, 3) uint8 as an address that holds it."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "WEBP", quality=_QUALITY)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode("ascii")
