"""Bootstrap intervals over scenes."""

import numpy as np


def bootstrap_interval(values, scenes, seed: int, draws: int = 1000) -> tuple[float, float]:
    """Return the central 95 % interval of the mean, from scenes drawn with replacement.

    Frames of one scene are alike, so a scene is drawn with all of its frames. For a difference of
    two methods give the differences frame by frame: what makes a scene hard then cancels.

    Args:
        values: (N,) a measure of each frame; NaN, what could not be measured, is left out.
        scenes: (N,) which scene each frame is of: numbers or names.
        seed: Of the draws.
        draws: How many means the interval is made from.

    Returns:
        Low and high; NaN with values from fewer than two scenes, which tell nothing of others.
    """
    values, scenes = np.asarray(values, np.float64), np.asarray(scenes)
    measured = ~np.isnan(values)
    names, scene = np.unique(scenes[measured], return_inverse=True)
    if len(names) < 2:
        return np.nan, np.nan
    sums, frames = np.bincount(scene, weights=values[measured]), np.bincount(scene)
    drawn = np.random.default_rng(seed).integers(len(names), size=(draws, len(names)))
    means = sums[drawn].sum(axis=1) / frames[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
