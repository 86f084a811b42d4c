"""Alignment to a measured depth map: the sharper edge wins.

Sensor data must not be averaged across its own edges, as `local_fit` would. So the map is kept
wherever it is at least as sharp as the sharpener. Where it is blurred or has holes, the sharpener's
shape is used, corrected by the residual between the two in log depth, averaged over nearby pixels
of similar color and depth (a joint bilateral filter).
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from .edges import steps, where_sharper
from .grid import Grid
from .windows import disc, mean, neighbors, neighbors_at, spiral, square

LEAST_NOISE, MOST_NOISE = 0.002, 0.03  # bounds of the noise estimate, log depth
NOISES = 3.0  # deviations up to this many times the noise belong to the same surface
SAMPLES = 1 << 20  # maximum pixels for the noise estimate, in each direction
TRIPLES = 100  # minimum triples of measured neighbors for the noise estimate
ALONE, CROWD = 4, 6  # a flying pixel: fewer than ALONE agree, of at least CROWD in a 5 x 5 window
# In pixels of a picture with a longer side of 256, and scaled with it.
REACH, SPREAD = 10, 4.0  # residual filter: radius, standard deviation of distance
AROUND = 3  # edges of the two maps within this distance are the same edge
RAMP = 2  # width beside an edge in which a blurred map is not trusted
COLOR, DEPTH = 0.03, 0.1  # standard deviations: sRGB in 0..1, log depth
SMALLEST_EDGE = 0.03  # log depth from one pixel to the next
PRIOR = 0.1  # weight of "no residual", relative to 1 for a measured pixel at the same place
STRIP = 1 << 18  # pixels filtered at once: few enough for the CPU cache
CHANGED = 0.02  # minimum change of log depth, beyond the noise, that is reported


@dataclass(frozen=True)
class CleanMap:
    """A measured map without flying pixels and with most of its noise removed.

    Attributes:
        log: Logarithm of meters, (H, W) float32; filled in where not `trusted`.
        trusted: (H, W) bool, measured and supported by neighbors.
        noise: Standard deviation of the measured log depth.
    """

    log: torch.Tensor
    trusted: torch.Tensor
    noise: float


@dataclass(frozen=True)
class MeasuredFit:
    """The prediction fitted to a measured map.

    Attributes:
        log: Logarithm of meters on the grid, (h, w) float32.
        map_wins: (h, w) float32 in 0..1, 1 where the map itself is kept.
    """

    log: torch.Tensor
    map_wins: torch.Tensor


def clean_map(depth: np.ndarray, measured: np.ndarray) -> CleanMap:
    """Drop flying pixels and smooth the noise of a measured map, preserving edges.

    A flying pixel lies between two surfaces: too few of its neighbors have its depth.

    Args:
        depth: Meters, (H, W) float32, positive, holes filled.
        measured: (H, W) bool, False in holes.
    """
    log = torch.from_numpy(depth).log()
    measured = torch.from_numpy(measured)
    noise = noise_of(log, measured)

    close = NOISES * noise + 0.015

    def supported(log, measured):
        alike = torch.zeros_like(log)
        for _, near, known in neighbors(1, log, measured.to(log)):
            alike += known * ((near - log).abs() < close)
        result = measured.clone()
        # The outer neighbors are checked only if too few of the inner ones agree.
        y, x = (measured & (alike < ALONE)).nonzero(as_tuple=True)
        alike, there = torch.zeros_like(log[y, x]), torch.zeros_like(log[y, x])
        for near, known in neighbors_at(y, x, square(2), log, measured):
            there += known
            alike += known & ((near - log[y, x]).abs() < close)
        result[y, x] = (alike >= ALONE) | (there < CROWD)
        return result

    def smoothed(log, trusted):
        total, weights = torch.zeros_like(log), torch.zeros_like(log)
        for squared, near, known in neighbors(3, log, trusted.to(log)):
            weight = (near - log).square_().mul_(-0.5 / (NOISES * noise) ** 2)
            weight.sub_(squared / (2 * 1.5**2)).exp_().mul_(known)
            total.addcmul_(weight, near)
            weights += weight
        return torch.where(trusted, total / weights.clamp_min(1e-9), log)

    trusted = _in_strips(supported, 2, log, measured)
    return CleanMap(_in_strips(smoothed, 3, log, trusted), trusted, noise)


def fit_measurement(
    prediction: torch.Tensor, clean: CleanMap, picture: torch.Tensor, grid: Grid, edges_follow: bool
) -> MeasuredFit:
    """Fit a prediction to a measured map.

    Args:
        prediction: Logarithm of the locally aligned prediction, (h, w).
        clean: The map at picture size.
        picture: The picture on the grid, (3, h, w) in 0..1.
        grid: Mapping between the two sizes.
        edges_follow: Whether edges of the prediction will be made as sharp as the picture later.
    """
    size = prediction.shape
    scale = max(size) / 256
    around, ramp = (max(1, round(each * scale)) for each in (AROUND, RAMP))
    trusted = _shrunk(clean.trusted.float(), grid)
    log = _shrunk(clean.log * clean.trusted, grid) / trusted.clamp_min(1e-6)
    there = trusted > 0.02

    map_step = F.adaptive_max_pool2d(steps(clean.log, clean.trusted)[None, None], size)[0, 0]
    step = steps(prediction)
    if not edges_follow:
        step = step * min(1.0, max(size) / max(grid.height, grid.width))
    map_wins = (1 - where_sharper(step, map_step, SMALLEST_EDGE, around, ramp)) * there

    residual = torch.where(there, log - prediction, 0)
    offsets, larger = disc(REACH), max(1.0, scale)
    if larger > 1:  # as many of them, over as much more
        offsets = spiral(larger * REACH, len(offsets))
    total, weights = torch.zeros_like(residual), torch.full_like(residual, PRIOR)
    around_us = (residual, there.float(), picture, prediction, log)
    spread = 2 * (SPREAD * larger) ** 2
    for squared, far, known, color, shape, depth in neighbors(
        math.ceil(larger * REACH), *around_us, offsets=offsets
    ):
        apart = (color - picture).square().sum(0) / COLOR**2
        apart += ((shape - prediction) / DEPTH).square()
        apart += map_wins * ((depth - log) / (NOISES * clean.noise + 0.02)).square()
        weight = known * torch.exp(-apart / 2) * float(np.exp(-squared / spread))
        total += weight * far
        weights += weight
    return MeasuredFit(prediction + total / weights, map_wins)


def keep_measured(log: torch.Tensor, fit: MeasuredFit, clean: CleanMap) -> torch.Tensor:
    """Return the fitted depth at picture size, with the map itself where it wins.

    Args:
        log: `fit.log`, upsampled to (H, W).
        fit: Result of `fit_measurement`.
        clean: The map.

    Returns:
        (H, W) float32, logarithm of meters.
    """
    wins = F.interpolate(fit.map_wins[None, None], log.shape, mode="bilinear")[0, 0]
    return torch.lerp(log, clean.log, mean(wins, 1) * clean.trusted)  # avoids a visible seam


def tell_change(
    log: torch.Tensor,
    depth: np.ndarray,
    measured: np.ndarray,
    noise: float,
    what: str = "Sharpening",
):
    """Return a sentence if a given map was changed by more than its accuracy, else None.

    Args:
        log: Logarithm of the result, (H, W).
        depth: The given map, meters, (H, W).
        measured: (H, W) bool.
        noise: Standard deviation of the measured log depth.
        what: Name of what was done to it.
    """
    change = np.abs(log.numpy() - np.log(depth))
    limit = NOISES * noise + CHANGED
    moved = measured & (change > limit)
    share = np.count_nonzero(moved) / max(1, np.count_nonzero(measured))
    if share < 0.001:
        return None
    median = np.expm1(float(np.median(change[moved])))
    return (
        f"{what} changed {share:.1%} of the measured pixels by more than the map's accuracy "
        f"({limit:.1%}), by a median of {median:.1%}, mostly {_whereabouts(moved)}."
    )


def _whereabouts(marked: np.ndarray) -> str:
    """Describe the ninth of the picture that contains most of the marked pixels."""
    height, width = marked.shape
    rows, columns = np.nonzero(marked)
    ninth = (3 * rows // height) * 3 + 3 * columns // width
    row, column = divmod(int(np.bincount(ninth, minlength=9).argmax()), 3)
    vertical, horizontal = ("top", "middle", "bottom")[row], ("left", "center", "right")[column]
    if (row, column) == (1, 1):
        return "in the middle"
    return f"at the {vertical} {horizontal}" if row != 1 else f"at the {horizontal}"


def noise_of(log: torch.Tensor, measured: torch.Tensor) -> float:
    """Estimate the noise of a map from its second differences, which are small on surfaces.

    Args:
        log: Logarithm of meters, (H, W).
        measured: (H, W) bool.

    Returns:
        Standard deviation of the measured log depth.
    """
    found = []
    every = max(1, round(log.numel() / SAMPLES))
    for one, there in ((log, measured), (log.T, measured.T)):
        one, there = one[:, ::every], there[:, ::every]
        second = one[2:] - 2 * one[1:-1] + one[:-2]
        found.append(second[there[2:] & there[1:-1] & there[:-2]].abs())
    found = torch.cat(found)
    if len(found) < TRIPLES:
        return 0.01
    # The second difference of white noise has 6 times its variance; 1.4826 converts a median
    # absolute value to a standard deviation.
    noise = 1.4826 * float(found.median()) / np.sqrt(6)
    return min(max(noise, LEAST_NOISE), MOST_NOISE)


def _shrunk(values, grid) -> torch.Tensor:
    return grid.crop(grid.resize(values[None, None]))[0, 0]


def _in_strips(function, margin: int, *maps) -> torch.Tensor:
    """Apply a filter with a radius of `margin` pixels in strips of rows, to bound memory."""
    height, width = maps[0].shape
    rows = max(1, STRIP // width)
    if rows >= height:
        return function(*maps)
    parts = []
    for start in range(0, height, rows):
        first, last = max(0, start - margin), min(height, start + rows + margin)
        part = function(*(each[first:last] for each in maps))
        parts.append(part[start - first : start - first + rows])
    return torch.cat(parts)
