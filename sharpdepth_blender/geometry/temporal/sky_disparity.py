"""Sky disparity: below which relative disparity a network for video means the sky."""

import numpy as np

_SURE = 0.95  # share of the sky, and of all else, that has to lie on its side


def sky_disparity(sky: np.ndarray, ground: np.ndarray) -> float | None:
    """Find the disparity that parts the sky of a shot from all else.

    Args:
        sky: Disparities of samples that are sky, (N,), larger for what is nearer.
        ground: Of samples that are none, (M,).

    Returns:
        Where the smaller of two shares is largest: of the sky below it, and of all else above. None
        without a sky, and where the two are mixed.
    """
    if not len(sky) or not len(ground):
        return None
    values = np.unique(np.concatenate([sky, ground]))
    between = (values[1:] + values[:-1]) / 2
    if not len(between):
        return None
    below = np.searchsorted(np.sort(sky), between) / len(sky)
    above = 1 - np.searchsorted(np.sort(ground), between) / len(ground)
    right = np.minimum(below, above)
    best = int(right.argmax())
    return float(between[best]) if right[best] >= _SURE else None
