"""Seams: borders between layers, where depth jumps or one surface goes on through both."""

import math
from dataclasses import dataclass

import numpy as np

from ..projection import valid_depth
from ..windows import near_to, value_at

# Share of 1/z by which it may bend along a surface, of which a plane has none.
_BEND = 0.05
# Pixels over which estimated depth passes from one surface to another, at least and at most, of a
# picture that is so many long.
_BLUR, _WIDEST, _LONGER = 5, 24, 768
# Exact depth has most of a jump, this share of it, from one pixel to the next, and that at most of
# the borders; looked at are jumps of at least that share of 1/z.
_SHARP, _EXACT, _JUMP = 0.8, 0.75, 0.2
# Halfway to where a surface is itself, it is off by this share of a jump; at the border by half.
_OFF = 0.25
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
            most of the jumps are sharp, as in a render or a scan; else what this estimate has.
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
        jumps = _jumps(disparity, near_to(border, radius), max(radius, blur) + blur)
        rims = near_to(border & jumps, blur)
        return cls(rims, near_to(border & ~jumps, radius) & ~rims & ~jumps, blur)

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
    """`Seams.blur`, by what 1/z does along lines across the borders.

    It is sharp by how much of a jump it does in a single step. Else it is as wide as the side on
    which surfaces are farther from the border before they are themselves.
    """
    scale = max(1.0, max(labels.shape) / _LONGER)
    least, most = (math.ceil(scale * each) for each in (_BLUR, _WIDEST))
    sharp, off = [], []
    for down, right in ((1, 0), (0, 1)):
        height, width = (
            side - step for side, step in zip(labels.shape, (down, right), strict=True)
        )
        rows, columns = np.nonzero(labels[:height, :width] != labels[down:, right:])
        some = slice(None, None, 1 + len(rows) // _LOOKED_AT)
        line = np.stack([
            value_at(disparity, rows[some] + by * down, columns[some] + by * right)
            for by in range(-most, most + 2)
        ])  # fmt: skip
        highest, jump = _heights(line[most - least : most + least + 2])
        clear = jump > _JUMP * highest
        sharp.append(np.abs(line[most + 1] - line[most])[clear] >= _SHARP * jump[clear])
        highest, jump = _heights(line)
        clear = jump > _JUMP * highest
        sides = line[most::-1, clear], line[most + 1 :, clear]
        is_nearer = np.fmax.reduce(sides[0]) > np.fmax.reduce(sides[1])
        near, far = np.where(is_nearer, *sides), np.where(is_nearer, *sides[::-1])
        highest, jump = highest[clear], jump[clear]
        off.append([(highest - near) / jump, (far - highest + jump) / jump])
    if (found := np.concatenate(sharp)).size and found.mean() > _EXACT:
        return 1
    shares = np.concatenate(off, axis=2)
    if not shares.size:
        return least
    count = np.isfinite(shares).sum(2)  # not beyond the picture
    whole = (count > 0) & (2 * (shares < _OFF).sum(2) >= count)
    reach = max(int(side.argmax()) if side.any() else most for side in whole)
    return min(max(least, 2 * reach), most)


def _heights(line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The highest value of each (n, lines) and how far it is above the lowest one."""
    highest = np.fmax.reduce(line)
    return highest, highest - np.fmin.reduce(line)


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
