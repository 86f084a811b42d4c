"""Smooth: colors carried on, with the grain of the picture."""

import numpy as np

from ..inpaint import continue_values
from .grain import measure_grain


def fill_smooth(
    values: np.ndarray, known: np.ndarray, origin: tuple[int, int] = (0, 0)
) -> np.ndarray:
    """Carry colors on smoothly, with grain like that of what is known.

    Args:
        values: (3, H, W) float32, display-referred, about 0..1.
        known: (H, W) bool.
        origin: (row, column) of the first pixel in the picture whose grain it is.

    Returns:
        (3, H, W) float32, the known ones as they were; zeros where nothing at all is known.
    """
    filled = continue_values(values, known)
    measure_grain(values, known).add_to(filled, ~known, origin)
    return filled
