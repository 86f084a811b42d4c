"""Seams: borders between layers, where depth jumps or one surface goes on through both."""

import math

import numpy as np

from ..projection import valid_depth
from ..windows import near_to, value_at

# Share of 1/z by which it may bend along a surface, of which a plane has none.
_BEND = 0.05
# Pixels over which estimated depth passes from one surface to another, of a picture that is so many
# long. Exact depth has most of a jump, this share of it, from one pixel to the next; looked at are
# jumps of at least that share of 1/z.
_BLUR, _LONGER = 5, 768
_SHARP, _JUMP = 0.8, 0.2
# Directions (down, right) in which depth is looked at, either way.
_WAYS = ((0, 1), (1, 0), (1, 1), (1, -1))


def blur_of(labels: np.ndarray, depth: np.ndarray) -> int:
    """Pixels over which depth passes from one surface to another at the borders of layers.

    Args:
        labels: (H, W), the layer of each pixel.
        depth: (H, W) meters, 0 where there is none, which is taken for infinitely far.

    Returns:
        1 where most of the jumps are sharp, as in a render or a scan; else what estimates have.
    """
    blur = max(_BLUR, math.ceil(_BLUR * max(labels.shape) / _LONGER))
    disparity = _disparity(depth)
    sharp = []
    for down, right in ((1, 0), (0, 1)):
        height, width = (
            side - step for side, step in zip(labels.shape, (down, right), strict=True)
        )
        rows, columns = np.nonzero(labels[:height, :width] != labels[down:, right:])
        before, one, other, after = (
            value_at(disparity, rows + by * down, columns + by * right)
            for by in (-blur, 0, 1, blur + 1)
        )
        jump = np.abs(after - before)
        clear = jump > _JUMP * np.maximum(before, after)
        sharp.append(np.abs(other - one)[clear] >= _SHARP * jump[clear])
    found = np.concatenate(sharp)
    return 1 if found.size and found.mean() > 0.5 else blur


def _disparity(depth: np.ndarray) -> np.ndarray:
    found = np.zeros(depth.shape, np.float32)
    return np.divide(1, depth, out=found, where=valid_depth(depth))


def find_seams(
    labels: np.ndarray, depth: np.ndarray, radius: int, blur: int
) -> tuple[np.ndarray, np.ndarray]:
    """Tell the borders of layers that are edges of things from cuts through one surface.

    Args:
        labels: (H, W), the layer of each pixel.
        depth: (H, W) meters, 0 where there is none, which is taken for infinitely far.
        radius: Pixels about a border that may be mixed.
        blur: As of `blur_of`.

    Returns:
        Two (H, W) bool: pixels so near to a jump of depth at a border that theirs may be blurred,
        and those within the radius of a border where it does not jump.
    """
    border = np.zeros(labels.shape, bool)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differs = labels[one] != labels[other]
        border[one] |= differs
        border[other] |= differs
    about = near_to(border, max(radius, blur))
    rows, columns = np.nonzero(about)
    disparity = _disparity(depth)
    half = math.ceil((max(radius, blur) + blur) / 2)
    jump = np.zeros(rows.shape, bool)
    for stride in (1, half):  # what is thin, and what is blurred
        for way in _WAYS:
            line = [
                _seen(disparity, rows, columns, way, stride * step) for step in (-2, -1, 0, 1, 2)
            ]
            for before, middle, after in zip(line, line[1:], line[2:], strict=False):
                least = np.fmin(np.fmin(before, middle), after)
                jump |= np.abs(before + after - 2 * middle) > _BEND * least
    jumps = np.zeros(labels.shape, bool)
    jumps[rows, columns] = jump
    touching = near_to(border & ~jumps, radius) & ~near_to(border & jumps, blur)
    return jumps & near_to(border, blur), touching & ~jumps


def _seen(
    values: np.ndarray, rows: np.ndarray, columns: np.ndarray, way: tuple[int, int], step: int
) -> np.ndarray:
    """Values so many steps away from pixels; NaN beyond the borders."""
    return value_at(values, rows + way[0] * step, columns + way[1] * step)


def without_rims(core: np.ndarray, rims: np.ndarray, blur: int) -> np.ndarray:
    """Pixels of a layer whose depth is its own, and not on the way to that of another surface.

    Args:
        core: (H, W) bool, pixels that show nothing but the layer.
        rims: (H, W) bool, as of `find_seams`.
        blur: As of `blur_of`.

    Returns:
        (H, W) bool, some of the core; of what is too thin to have a middle, all of that.
    """
    inner = core & ~rims
    thin = core & ~near_to(inner, 2 * blur + 1)
    return inner | thin
