"""Seams: borders between layers, where depth jumps or one surface goes on through both."""

import math
from dataclasses import dataclass

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
_LOOKED_AT = 4096  # pixels of borders, about, either way
# Directions (down, right) in which depth is looked at, either way.
_WAYS = ((0, 1), (1, 0), (1, 1), (1, -1))


@dataclass(frozen=True)
class Seams:
    """Borders of layers that are edges of things, and cuts through one surface.

    Attributes:
        rims: (H, W) bool, pixels so near to a jump of depth at a border that theirs may be blurred.
        contact: (H, W) bool, pixels within the radius of a border where depth does not jump.
        blur: Pixels over which depth passes from one surface to another at the borders: 1 where
            most of the jumps are sharp, as in a render or a scan; else what estimates have.
    """

    rims: np.ndarray
    contact: np.ndarray
    blur: int

    @classmethod
    def of(cls, labels: np.ndarray, depth: np.ndarray, radius: int) -> "Seams":
        """Find them.

        Args:
            labels: (H, W), the layer of each pixel.
            depth: (H, W) meters, 0 where there is none, which is taken for infinitely far.
            radius: Pixels about a border that may be mixed.
        """
        disparity = _disparity(depth)
        blur = _blur(labels, disparity)
        border = np.zeros(labels.shape, bool)
        for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
            differs = labels[one] != labels[other]
            border[one] |= differs
            border[other] |= differs
        jumps = _jumps(disparity, near_to(border, max(radius, blur)), max(radius, blur) + blur)
        touching = near_to(border & ~jumps, radius) & ~near_to(border & jumps, blur)
        return cls(jumps & near_to(border, blur), touching & ~jumps, blur)

    def own(self, core: np.ndarray) -> np.ndarray:
        """Tell where a layer's depth is its own, and not on the way to that of another surface.

        Args:
            core: (H, W) bool, pixels that show nothing but the layer.

        Returns:
            (H, W) bool, some of the core; of what is too thin to have a middle, all of that.
        """
        inner = core & ~self.rims
        thin = core & ~near_to(inner, 2 * self.blur + 1)
        return inner | thin


def _blur(labels: np.ndarray, disparity: np.ndarray) -> int:
    """`Seams.blur`, by how much of all that 1/z does about a border it does in a single step."""
    blur = max(_BLUR, math.ceil(_BLUR * max(labels.shape) / _LONGER))
    sharp = []
    for down, right in ((1, 0), (0, 1)):
        height, width = (
            side - step for side, step in zip(labels.shape, (down, right), strict=True)
        )
        rows, columns = np.nonzero(labels[:height, :width] != labels[down:, right:])
        some = slice(None, None, 1 + len(rows) // _LOOKED_AT)
        line = [
            value_at(disparity, rows[some] + by * down, columns[some] + by * right)
            for by in range(-blur, blur + 2)
        ]
        most = np.fmax.reduce(line)
        jump = most - np.fmin.reduce(line)
        clear = jump > _JUMP * most
        sharp.append(np.abs(line[blur + 1] - line[blur])[clear] >= _SHARP * jump[clear])
    found = np.concatenate(sharp)
    return 1 if found.size and found.mean() > 0.5 else blur


def _jumps(disparity: np.ndarray, about: np.ndarray, reach: int) -> np.ndarray:
    """Where 1/z bends more than a surface does, looked at so many pixels far; only where asked."""
    rows, columns = np.nonzero(about)
    jump = np.zeros(rows.shape, bool)
    for stride in (1, math.ceil(reach / 2)):  # what is thin, and what is blurred
        for way in _WAYS:
            line = [
                _seen(disparity, rows, columns, way, stride * step) for step in (-2, -1, 0, 1, 2)
            ]
            for before, middle, after in zip(line, line[1:], line[2:], strict=False):
                least = np.fmin(np.fmin(before, middle), after)
                jump |= np.abs(before + after - 2 * middle) > _BEND * least
    jumps = np.zeros(disparity.shape, bool)
    jumps[rows, columns] = jump
    return jumps


def _disparity(depth: np.ndarray) -> np.ndarray:
    found = np.zeros(depth.shape, np.float32)
    return np.divide(1, depth, out=found, where=valid_depth(depth))


def _seen(
    values: np.ndarray, rows: np.ndarray, columns: np.ndarray, way: tuple[int, int], step: int
) -> np.ndarray:
    """Values so many steps away from pixels; NaN beyond the borders."""
    return value_at(values, rows + way[0] * step, columns + way[1] * step)
