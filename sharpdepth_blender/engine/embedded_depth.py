"""Embedded depth: what a telephone measured and keeps in its HEIC pictures."""

from collections.abc import Sequence
from typing import Any

import numpy as np

# Kinds of depth representation information (ITU-T H.265, G.14.2.6): even steps of 1/z between those
# of the nearest and the farthest plane, and even steps of disparity. Telephones give the latter in
# 1/m. Of the others nobody says which way they count.
_INVERSE, _DISPARITY = 0, 1
_BOUNDS = {_INVERSE: ("z_far", "z_near"), _DISPARITY: ("d_min", "d_max")}


def embedded_depth(images: Sequence[Any], name: str, notes: list[str]) -> np.ndarray | None:
    """Z-depth of a picture from the depth images that its file holds.

    Args:
        images: As pillow-heif opens them: arrays of (H, W) uint8 or uint16, whose `info` has
            `metadata`. Larger values are nearer.
        name: Of the file.
        notes: Takes a sentence where there is depth that cannot be used.

    Returns:
        (H, W) float32 meters, holes 0; None where there is none that says how far it is.
    """
    for each in images:
        facts = each.info.get("metadata") or {}
        kind = facts.get("representation_type")
        far, near = (facts.get(key) for key in _BOUNDS.get(kind, ("", "")))
        if far is None or near is None:
            continue
        if kind == _INVERSE:
            far, near = (1 / value if value > 0 else 0.0 for value in (far, near))
        if not np.isfinite([far, near]).all() or near <= max(far, 0):
            continue
        values = np.asarray(each)
        if values.ndim == 3:
            values = values[..., 0]
        share = values.astype(np.float64) / np.iinfo(values.dtype).max
        inverse = far + share * (near - far)
        here = inverse > 0
        return np.where(here, 1 / np.where(here, inverse, 1), 0).astype(np.float32)
    if images:
        notes.append(f"{name} holds depth that does not say how far it is, and was not used.")
    return None
