"""Smooth: colors carried on, with the grain of the picture."""

import numpy as np

from ..inpaint import continue_values
from .grain import measure_grain


def fill_smooth(
    values: np.ndarray,
    known: np.ndarray,
    hole: np.ndarray | None = None,
    measured: np.ndarray | None = None,
    *,
    origin: tuple[int, int] = (0, 0),
    is_linear: bool = False,
) -> np.ndarray:
    """Carry colors on smoothly, with grain like that of what is known.

    Args:
        values: (3, H, W) float32, sRGB in 0..1, or linear light.
        known: (H, W) bool, what is carried on.
        hole: (H, W) bool, where there is to be grain; None for all that is not known.
        measured: (H, W) bool, pixels whose grain counts; None for the known ones.
        origin: (row, column) of the first pixel in the picture whose grain it is.
        is_linear: Whether it is linear light.

    Returns:
        (3, H, W) float32, what is neither hole nor unknown as it was; zeros where nothing at all is
        known.
    """
    filled = continue_values(values, known)
    grain = measure_grain(values, known if measured is None else measured, is_linear)
    grain.add_to(filled, ~known if hole is None else hole, origin)
    return filled
