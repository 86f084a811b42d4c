"""Bootstrap confidence intervals over scenes."""

import numpy as np


def bootstrap_interval(values, scenes, seed: int, draws: int = 1000) -> tuple[float, float]:
    """Return the central 95% interval of the mean, from scenes resampled with replacement.

    Frames of one scene are correlated, so a scene is resampled with all of its frames. To compare
    two methods, pass the per-frame differences, so that the difficulty of a scene cancels out.

    Args:
        values: (N,) measure per frame; NaN (not measurable) is ignored.
        scenes: (N,) scene of each frame, as numbers or names.
        seed: Seed for the resampling.
        draws: Number of bootstrap resamples.

    Returns:
        Low and high; NaN if fewer than two scenes have values.
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
