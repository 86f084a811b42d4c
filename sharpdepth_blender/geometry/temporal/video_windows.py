"""Video windows: which frames a network for video looks at together, and how they are joined.

The method is that of Video Depth Anything (Chen et al., arXiv 2501.12375, section 3.3).
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

LENGTH = 32  # frames of a window
_OVERLAP = 10  # of these the first ones are of the window before
_KEYS = (0, 12, *range(24, 32))  # places of those in the window before
_REFERENCES = 2  # the first of them, on which windows are fitted
_BLENDED = _OVERLAP - _REFERENCES
# Powers of ten, of the shift above the least possible one over the range of disparity.
_LOWEST, _HIGHEST = -4.0, 3.0
_ROUNDS = 4  # of looking closer
_CONTRADICTION = 0.05  # mean relative error of what fits best only if all of it is equally far


def window_frames(count: int) -> list[list[int]]:
    """Find the frames of each window of a shot.

    A window begins with ten frames that the one before has seen: its first one, which is the first
    of the shot, its thirteenth and its last eight. The others are new; beyond the end of the shot
    they repeat its last frame.

    Args:
        count: Frames of the shot.

    Returns:
        Of each window the indices of its 32 frames.
    """
    windows: list[list[int]] = []
    for first in range(0, count, LENGTH - _OVERLAP):
        frames = [min(index, count - 1) for index in range(first, first + LENGTH)]
        if windows:
            frames[:_OVERLAP] = [windows[-1][key] for key in _KEYS]
        windows.append(frames)
    return windows


def join_windows(windows: Iterable[np.ndarray], count: int) -> Iterator[np.ndarray]:
    """Bring the disparity of windows to one scale and shift.

    Each window is fitted to what has been joined so far on two of the frames that both have seen,
    and blended with it over the eight others. Values below 0 become 0.

    Args:
        windows: Of each (32, h, w) disparity, as of `window_frames`.
        count: Frames of the shot.

    Yields:
        The disparity of each frame, (h, w) float32.
    """
    yielded = 0
    tail: list[np.ndarray] = []  # joined frames that the next window still changes
    references: list[np.ndarray] = []
    for number, window in enumerate(windows):
        if number:
            scale, shift = fit_line(
                np.concatenate(list(window[:_REFERENCES])), np.concatenate(references)
            )
            window = np.maximum(window * np.float32(scale) + np.float32(shift), 0)
            shares = np.linspace(0, 1, _BLENDED, dtype=np.float32)
            blended = zip(tail, window[_REFERENCES:_OVERLAP], shares, strict=True)
            tail = [before * (1 - share) + after * share for before, after, share in blended]
            frames = [*tail, *window[_OVERLAP:]]
            references = [references[0], *(window[key] for key in _KEYS[1:_REFERENCES])]
        else:
            frames = list(window)
            references = [window[key] for key in _KEYS[:_REFERENCES]]
        frames, tail = frames[:-_BLENDED], frames[-_BLENDED:]
        for frame in frames[: count - yielded]:
            yielded += 1
            yield frame
    yield from tail[: count - yielded]


def fit_line(values: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    """Scale and shift of values that are nearest to a target by least squares; 1 and 0 if flat."""
    x, y = np.asarray(values, np.float64).ravel(), np.asarray(target, np.float64).ravel()
    x_mean, y_mean = x.mean(), y.mean()
    spread = ((x - x_mean) ** 2).sum()
    if spread == 0:
        return 1.0, 0.0
    scale = float(((x - x_mean) * (y - y_mean)).sum() / spread)
    return scale, float(y_mean - scale * x_mean)


def fit_meters(
    disparities: Sequence[np.ndarray], depths: Sequence[np.ndarray]
) -> tuple[float, float] | None:
    """Find the scale and shift by which the relative disparity of a shot becomes 1 / meters.

    What was measured of each frame may have a scale of its own, of which the geometric mean is
    taken, so that its flicker does not pass for a shift. The shift is the one by which the median
    frame agrees best in the mean of absolute logarithms, which outliers hardly move.

    Args:
        disparities: Of some frames (N,), larger for what is nearer.
        depths: Meters at the same places, positive.

    Returns:
        `a` and `b` of `1 / depth = a · disparity + b`; None where nothing fits with a positive `a`.
    """
    pairs = [
        (np.asarray(x, np.float64), np.log(np.asarray(z, np.float64)))
        for x, z in zip(disparities, depths, strict=True)
        if len(x)
    ]
    if not pairs:
        return None
    low, high = np.percentile(np.concatenate([x for x, _ in pairs]), (1, 99))
    if high <= low:
        return None

    def scales_and_cost(power: float) -> tuple[list[float], float]:
        shift = (high - low) * 10**power - low
        scales, off = [], []
        for x, log in pairs:
            apart = -np.log(np.maximum(x + shift, 1e-6 * (high - low))) - log
            scales.append(float(np.median(apart)))
            off.append(np.abs(apart - scales[-1]))
        return scales, float(np.concatenate(off).mean())

    middle, reach = (_LOWEST + _HIGHEST) / 2, (_HIGHEST - _LOWEST) / 2
    for _ in range(_ROUNDS):
        powers = np.clip(np.linspace(middle - reach, middle + reach, 41), _LOWEST, _HIGHEST)
        middle = min(powers, key=lambda power: scales_and_cost(power)[1])
        reach /= 10
    scales, cost = scales_and_cost(middle)
    if middle > _HIGHEST - 0.1 and cost > _CONTRADICTION:
        return None
    scale = float(np.exp(np.mean(scales)))
    return scale, scale * ((high - low) * 10**middle - low)


def depth_of_disparity(
    disparity: np.ndarray, meters: tuple[float, float], farthest: float, size: tuple[int, int]
) -> np.ndarray:
    """Turn relative disparity into depth at the size of a picture.

    Args:
        disparity: (h, w).
        meters: As of `fit_meters`.
        farthest: Meters that nothing is beyond, such as the sky.
        size: (width, height) of the picture.

    Returns:
        (H, W) float32 meters, enlarged by `enlarge_disparity`.
    """
    scale, shift = meters
    inverse = np.maximum(disparity * np.float32(scale) + np.float32(shift), 1 / farthest)
    return (1 / enlarge_disparity(inverse, size)).astype(np.float32)


def enlarge_disparity(disparity: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Enlarge (h, w) bilinearly to a size (width, height), corner on corner, as (H, W) float32."""
    for axis, length in enumerate(reversed(size)):
        place = np.linspace(0, disparity.shape[axis] - 1, length)
        before = np.minimum(place.astype(int), max(disparity.shape[axis] - 2, 0))
        after = np.minimum(before + 1, disparity.shape[axis] - 1)
        share = (place - before).astype(np.float32)
        share = share[:, None] if axis == 0 else share[None]
        disparity = disparity.take(before, axis) * (1 - share) + disparity.take(after, axis) * share
    return disparity.astype(np.float32)
