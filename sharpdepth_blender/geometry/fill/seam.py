"""Seam: what is invented is shifted until it meets what is known."""

import numpy as np

from ..inpaint import continue_values


def match_rim(invented: np.ndarray, values: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """Shift invented values smoothly by what they miss of the known ones about them.

    As in Perez et al., Poisson Image Editing (2003), with the smooth continuation for the membrane.

    Args:
        invented: (C, H, W) float32, also on the rim.
        values: (C, H, W) float32, known on the rim.
        rim: (H, W) bool.

    Returns:
        (C, H, W) float32, the known values on the rim; as invented where there is no rim.
    """
    missed = np.where(rim, values - invented, np.float32(0))
    return invented + continue_values(missed, rim)
