"""Combine: layers of a mask as one, as Blender's manual describes their blend modes."""

import numpy as np


def falloff(values: np.ndarray, kind: str) -> np.ndarray:
    """How a layer fades over its feather.

    Args:
        values: Linear, 0..1.
        kind: Blender's name: SMOOTH, SPHERE, ROOT, INVERSE_SQUARE, SHARP or LINEAR.
    """
    if kind == "SMOOTH":
        return 3 * values**2 - 2 * values**3
    if kind == "SPHERE":
        return np.sqrt(np.maximum(2 * values - values**2, 0))
    if kind == "ROOT":
        return np.sqrt(values)
    if kind == "INVERSE_SQUARE":
        return values * (2 - values)
    return values**2 if kind == "SHARP" else values


def combine(below: np.ndarray, layer: np.ndarray, blend: str, alpha: float) -> np.ndarray:
    """A layer of a mask over what is below it.

    Args:
        below: (H, W) 0..1.
        layer: (H, W) 0..1.
        blend: Blender's name of the mode.
        alpha: Strength of the layer, 0..1.

    Returns:
        (H, W) 0..1.
    """
    if blend == "REPLACE":
        return below * (1 - alpha) + layer * alpha
    value = layer * alpha
    if blend == "MERGE_ADD":
        found = below + value * (1 - below)
    elif blend == "MERGE_SUBTRACT":
        found = below - value * below
    elif blend == "SUBTRACT":
        found = below - value
    elif blend == "LIGHTEN":
        found = np.maximum(below, value)
    elif blend == "DARKEN":
        found = np.minimum(below, value)
    elif blend == "MUL":
        found = below * value
    elif blend == "DIFFERENCE":
        found = np.abs(below - value)
    else:
        found = below + value
    return np.clip(found, 0, 1)
