"""Fits: one scale and shift for each frame, by which neighboring frames agree."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .frame_pair import Relation

# A median disagreement, in logarithms, beyond which two frames do not show the same, unless their
# pictures are alike; the same room by the same model differs by a hundredth or two, and another one
# by a third. A small model may be as unsure of one room.
_FOREIGN = 0.15
# Correlation of two pictures: below the first they are two shots, from the second on one.
_UNLIKE, _ALIKE = 0.4, 0.7
_JUMP = 0.03  # change of scale between two frames from which on the user is told
_REACH = 3  # windows, over which a scale goes back to what the model itself says
_ROUNDS = 10
_FIRM = 4.0  # a shift is held to zero so many times as firmly as a scale to one
_LEAST = 0.5  # of the scaled depth, that a negative shift leaves
_STRIDE = 0.5  # by which a round changes a value at most
# Two columns are too few for a matrix product, whose threads take longer to start than to sum.
_sum = np.einsum


@dataclass(frozen=True)
class Fit:
    """Depth of a frame as `scale * depth + shift`.

    Attributes:
        scale: Above zero.
        shift: Meters.
    """

    scale: float = 1.0
    shift: float = 0.0

    def apply(self, depth: np.ndarray) -> np.ndarray:
        """The depth map of a frame, (H, W) float32 meters, holes 0, brought to agree."""
        scaled = np.float32(self.scale) * depth
        return np.where(
            depth > 0, np.maximum(scaled + np.float32(self.shift), _LEAST * scaled), np.float32(0)
        )


def find_breaks(relations: Sequence[Relation]) -> list[int]:
    """Where a new shot begins.

    Args:
        relations: Relation of each frame with the next.

    Returns:
        Indices of the frames after a cut, ascending.
    """
    return [
        index + 1
        for index, each in enumerate(relations)
        if not len(each.x) or each.likeness < (_ALIKE if each.spread > _FOREIGN else _UNLIKE)
    ]


def find_jumps(
    relations: Sequence[Relation], breaks: Sequence[int], steps: Sequence[int] | None = None
) -> list[tuple[int, float]]:
    """Where the scale jumps from a frame to the next within a shot.

    Args:
        relations: As for `find_breaks`.
        breaks: What that found.
        steps: Frames from each to the next, over which it may change so many times as much; None
            where all are neighbors.

    Returns:
        (index of the frame after it, its depth over what the frame before expects) of each.
    """
    steps = [1] * len(relations) if steps is None else steps
    return [
        (index + 1, each.ratio)
        for index, (each, step) in enumerate(zip(relations, steps, strict=True))
        if index + 1 not in breaks and abs(math.log(each.ratio)) > _JUMP * step
    ]


def solve_fits(
    relations: Sequence[Relation],
    breaks: Sequence[int],
    window: int,
    steps: Sequence[int] | None = None,
) -> list[Fit]:
    """Find a scale and shift for each frame by which neighbors say the same of the same points.

    Depth comes from the sharpener as `a p + b` of its prediction p, so what is wrong with a frame
    as a whole is a scale and a shift of depth itself. All frames of a shot are solved together:
    robust least squares of

        (a_t x + b_t) rate + offset = a_(t+1) y + b_(t+1)     relative to depth, for every pair, and
        a_t = 1, b_t = 0                                      weakly, for every frame.

    The first makes the frames agree whatever each says alone, the second keeps the shot at the
    scale that its frames say on the whole. With their weights as `1 : 1 / (3 window)^2` what frames
    say alone is smoothed over some three windows. Between frames that lie `n` apart the first has
    the weight `1 / n`, as what changes a little from each frame to the next differs by that much.

    Args:
        relations: Relation of each frame with the next.
        breaks: Indices of frames at which a new shot begins; nothing is smoothed across.
        window: Frames on either side that are mixed; 0 leaves each frame as it is.
        steps: Frames from each to the next; None where all are neighbors.

    Returns:
        Fit of each frame, one more than there are relations.
    """
    count = len(relations) + 1
    if window == 0:
        return [Fit()] * count
    steps = [1] * len(relations) if steps is None else steps
    edges = [0, *breaks, count]
    fits = []
    for start, end in zip(edges, edges[1:], strict=False):
        within = slice(start, end - 1)
        fits += _solve(relations[within], steps[within], 1 / (_REACH * window) ** 2)
    return fits


def _solve(relations: Sequence[Relation], steps: Sequence[int], hold: float) -> list[Fit]:
    """Solve one shot, by Gauss-Newton steps with weights that let what disagrees count less."""
    count = len(relations) + 1
    if not relations:
        return [Fit()]
    unit = float(np.median(np.concatenate([each.y for each in relations])))
    values = np.zeros((count, 2))  # log of the scale, and unscaled shift in units of median depth
    firm = hold * np.array([1.0, _FIRM])
    for _ in range(_ROUNDS):
        own = np.tile(np.diag(firm), (count, 1, 1))
        wanted = -firm * values
        between = np.zeros((count - 1, 2, 2))
        for index, relation in enumerate(relations):
            missed, left, right = _equations(relation, unit, values[index], values[index + 1])
            wrong = 1.4826 * np.median(np.abs(missed)) + 1e-6
            weight = 1 / (1 + (missed / (2 * wrong)) ** 2) ** 2 / len(missed) / steps[index]
            own[index] += _sum("ni,n,nj->ij", left, weight, left)
            own[index + 1] += _sum("ni,n,nj->ij", right, weight, right)
            between[index] = _sum("ni,n,nj->ij", left, weight, right)
            wanted[index] -= _sum("ni,n,n->i", left, weight, missed)
            wanted[index + 1] -= _sum("ni,n,n->i", right, weight, missed)
        values += np.clip(_solve_chain(own, between, wanted), -_STRIDE, _STRIDE)
    return [Fit(math.exp(log), math.exp(log) * shift * unit) for log, shift in values.tolist()]


def _equations(
    relation: Relation, unit: float, one: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a pair misses, (n,), and its derivatives by the values of either frame, (n, 2).

    It is relative to depth times the mean of both scales: relative to depth alone, the smallest
    scales would miss least.
    """
    half = math.exp((one[0] - other[0]) / 2)
    rate, size = relation.rate / relation.y, unit / relation.y
    expected = half * (relation.x * rate + one[1] * unit * rate)
    found = (1 + other[1] * size) / half
    offset = relation.offset / relation.y * math.exp(-(one[0] + other[0]) / 2)
    both = (expected + found) / 2
    left = np.stack([both - offset / 2, half * unit * rate], axis=1)
    right = np.stack([-both - offset / 2, -size / half], axis=1)
    return (expected + offset - found).astype(float), left.astype(float), right.astype(float)


def _solve_chain(own: np.ndarray, between: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Solve symmetric equations that couple each frame with the next alone.

    Args:
        own: (n, 2, 2) of each frame with itself.
        between: (n - 1, 2, 2) of each frame with the next.
        wanted: (n, 2).

    Returns:
        (n, 2).
    """
    own, wanted = own.copy(), wanted.copy()
    for index, link in enumerate(between):
        factor = np.linalg.solve(own[index], link).T
        own[index + 1] -= factor @ link
        wanted[index + 1] -= factor @ wanted[index]
    values = np.empty_like(wanted)
    values[-1] = np.linalg.solve(own[-1], wanted[-1])
    for index in range(len(between) - 1, -1, -1):
        rest = wanted[index] - between[index] @ values[index + 1]
        values[index] = np.linalg.solve(own[index], rest)
    return values
