"""Pictures: the coverage of a frame, drawn over what it shows."""

import numpy as np

from ...geometry.srgb import from_linear
from .coverage import HOLE, INVENTED, STRETCHED, UNPAINTED

# sRGB of what to paint.
PAINT_HERE = (60, 220, 60)
_DIM = 0.4
# sRGB of each fault, and how much of it covers what is there.
_COLORS = {
    HOLE: ((255, 0, 255), 1.0),
    UNPAINTED: ((0, 190, 255), 0.75),
    INVENTED: (PAINT_HERE, 0.75),
    STRETCHED: ((255, 140, 0), 0.75),
}


def draw_coverage(light: np.ndarray, faults: np.ndarray) -> np.ndarray:
    """Draw what is wrong with a frame over the frame itself, dimmed.

    Args:
        light: (H, W, 3) scene-linear.
        faults: (H, W) as of `find_faults`.

    Returns:
        (H, W, 3) uint8 sRGB: magenta where nothing is, blue where paint is missing, green where
        it was invented, orange where it is stretched.
    """
    light = np.clip(np.nan_to_num(light), 0, 1)
    drawn = _DIM * 255 * from_linear(light)
    for fault, (color, share) in _COLORS.items():
        here = faults == fault
        drawn[here] = (1 - share) * drawn[here] + share * np.array(color)
    return np.round(drawn).astype(np.uint8)
