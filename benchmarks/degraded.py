"""A true depth map with the faults of what measures depth: what `alignment.py` sharpens."""

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter, minimum_filter

HOLES = 0.25  # share of the pixels
REACH = 100.0  # meters that a LiDAR and a pair of cameras see


def blurred(depth, focal, rng):
    """An estimate of another network: disparity blurred by 4 px, 2 % of noise, holes."""
    return _holed(_noisy(1 / gaussian_filter(1 / depth, 4), 0.02, rng), rng)


def sharp(depth, focal, rng):
    """A good scan: 1 % of noise, holes."""
    return _holed(_noisy(depth, 0.01, rng), rng)


def points(depth, focal, rng, count=500):
    """Tracked points, with 1 % of noise."""
    measured = np.zeros(depth.size, bool)
    measured[rng.choice(depth.size, count, replace=False)] = True
    return _noisy(depth, 0.01, rng) * measured.reshape(depth.shape)


def scan_lines(depth, focal, rng):
    """A spinning LiDAR: every 8th row, a tenth of the pulses lost, a reach."""
    measured = (np.arange(len(depth)) % 8 == 4)[:, None] & (rng.random(depth.shape) > 0.1)
    return _noisy(depth, 0.01, rng) * (measured & (depth < REACH))


def stereo(depth, focal, rng):
    """Stereo: disparity in quarters of a pixel, shadows left of what is in front, a reach."""
    height, width = depth.shape
    disparity = 16 * np.percentile(depth, 10) / depth  # a tenth of the picture is beyond 16 px
    rows = np.arange(height)[:, None]
    landed = np.rint(np.arange(width) - disparity).astype(int)  # column in the other picture
    inside = landed >= 0
    nearest = np.zeros((height, width))
    np.maximum.at(nearest, (np.broadcast_to(rows, depth.shape)[inside], landed[inside]),
                  disparity[inside])  # fmt: skip
    seen_by_both = inside & (disparity > nearest[rows, landed.clip(0)] - 1)
    found = np.rint(4 * (disparity + rng.normal(0, 0.1, depth.shape))) / 4
    measured = seen_by_both & (depth < REACH) & (found > 0)
    return np.where(measured, disparity * depth / np.maximum(found, 0.25), 0).astype(np.float32)


def flying_pixels(depth, focal, rng):
    """A time-of-flight sensor: edges mixed at random, nothing beyond 10 m, holes."""
    near, far = minimum_filter(depth, 3), maximum_filter(depth, 3)
    share = rng.random(depth.shape)
    mixed = np.where(far > 1.05 * near, near + share * (far - near), depth)
    return _holed(_noisy(mixed, 0.005, rng), rng, 0.1) * (depth < 10)


KINDS = {
    each.__name__.replace("_", " "): each
    for each in (blurred, sharp, points, scan_lines, stereo, flying_pixels)
}


def degrade(kind, depth, focal, seed):
    """Measure a true depth map badly.

    Args:
        kind: One of `KINDS`.
        depth: (H, W) meters, true everywhere.
        focal: Pixels.
        seed: The same gives the same faults.

    Returns:
        (H, W) float32 meters, 0 where nothing was measured.
    """
    return KINDS[kind](depth, focal, np.random.default_rng(seed)).astype(np.float32)


def _noisy(depth, share, rng):
    return depth * (1 + rng.normal(0, share, depth.shape)).clip(0.5, 1.5)


def _holed(depth, rng, share=HOLES):
    """Holes in blobs, as glass, dark and shining surfaces make them."""
    field = gaussian_filter(rng.normal(size=depth.shape), max(depth.shape) / 64)
    return depth * (field > np.quantile(field, share))
