"""sRGB: its curve, and back."""

import numpy as np


def to_linear(values: np.ndarray) -> np.ndarray:
    """Linear light of sRGB in 0..1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def from_linear(values: np.ndarray) -> np.ndarray:
    """Values in sRGB of linear light; what is below 0 is 0."""
    values = np.maximum(values, 0)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)
