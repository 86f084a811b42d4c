"""Patch match: for each patch of a picture, one that looks like it elsewhere.

The search of Barnes et al., PatchMatch (2009): what neighbors found is tried, and what lies about
the best so far. Patches may differ in their mean color, which costs less than another pattern does
(as in Darabi et al., Image Melding, 2012), so that a shaded wall is found on its brighter side.
"""

from dataclasses import dataclass

import numpy as np

# A difference of the mean color counts by this factor, squared, of one from pixel to pixel.
_MEAN_SHARE = 0.4
COLORS = 3  # channels, the first of those that are compared
# What a patch from the other end of the picture costs more: what is near is lit alike and seen at
# the same slant.
_AWAY = 0.02
# Patches compared at once, so that what is computed of them stays in the processor's cache.
_AT_ONCE = 8192
# And in an exhaustive search, in which each is compared with all sources.
_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class Samples:
    """Where a patch is compared: offsets of its pixels from its middle.

    Attributes:
        radius: Pixels from the middle of a patch to its sides.
        step: Pixels from one that is compared to the next, 1 for all of them.
    """

    radius: int
    step: int

    def flat(self, width: int) -> np.ndarray:
        """Offsets as indices into a flat picture of a width."""
        along = np.arange(-self.radius, self.radius + 1, self.step)
        return (along[:, None] * width + along).ravel()


class Matcher:
    """Patches of a canvas, to be compared with patches of a source of the same size.

    Args:
        canvas: (H, W, C) float32, of which the first three channels are colors.
        weight: (H, W) float32, how much each pixel of the canvas counts.
        source: (H, W, C) float32.
        middles: (N,) flat indices of the canvas's patches.
        samples: Which pixels of a patch are compared.
    """

    def __init__(
        self,
        canvas: np.ndarray,
        weight: np.ndarray,
        source: np.ndarray,
        middles: np.ndarray,
        samples: Samples,
    ) -> None:
        self._offsets = samples.flat(canvas.shape[1])
        channels = canvas.shape[2]
        self._source = source.reshape(-1, channels)
        self._width = canvas.shape[1]
        self._away = np.float32(_AWAY / max(canvas.shape) ** 2)
        self._middles = middles
        places = middles[:, None] + self._offsets
        self._patches = canvas.reshape(-1, channels)[places]
        self._weights = weight.ravel()[places]
        self._total = np.maximum(self._weights.sum(1), np.float32(1e-6))

    @property
    def confidence(self) -> np.ndarray:
        """(N,) float32, how much the pixels of each patch count."""
        return self._total / np.float32(len(self._offsets))

    def compare(self, which: np.ndarray, sources: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compare patches, one by one.

        Args:
            which: (n,) numbers of patches of the canvas.
            sources: (n,) flat indices of the middles of patches of the source.

        Returns:
            (cost, shift): (n,) mean squared difference of a pixel, and (n, 3) what is to be added
            to the source's patch so that its mean color is the canvas's.
        """
        cost = np.empty(len(which), np.float32)
        shift = np.empty((len(which), 3), np.float32)
        for start in range(0, len(which), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            chosen = which[part]
            difference = self._source[sources[part, None] + self._offsets]
            np.subtract(self._patches[chosen], difference, out=difference)
            weights, total = self._weights[chosen], self._total[chosen]
            sums = np.einsum("nk,nkc->nc", weights, difference)
            difference *= difference
            squares = np.einsum("nk,nkc->n", weights, difference)
            sums = sums[:, :COLORS]
            cost[part] = _cost(squares, (sums * sums).sum(1), total)
            cost[part] += self._distance(self._middles[chosen], sources[part])
            shift[part] = sums / total[:, None]
        return cost, shift

    def search_all(self, sources: np.ndarray) -> np.ndarray:
        """For each patch of the canvas, the best of all these sources.

        Args:
            sources: (m,) flat indices of middles of the source's patches.

        Returns:
            (N,) flat indices.
        """
        patches = self._source[sources[:, None] + self._offsets]
        planes = np.ascontiguousarray(patches.transpose(2, 1, 0))  # (C, k, m)
        squares = (planes * planes).sum(0)
        best = np.empty(len(self._patches), sources.dtype)
        for start in range(0, len(best), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            weights, own = self._weights[part], self._patches[part]
            weighted = weights[..., None] * own
            whole = weights @ squares + (weighted * own).sum((1, 2))[:, None]
            means = np.zeros_like(whole)
            for channel, plane in enumerate(planes):
                whole -= 2 * (weighted[..., channel] @ plane)
                if channel < COLORS:
                    means += (weighted[..., channel].sum(1)[:, None] - weights @ plane) ** 2
            cost = _cost(whole, means, self._total[part, None])
            cost += self._distance(self._middles[part, None], sources)
            best[part] = sources[cost.argmin(1)]
        return best

    def _distance(self, middles: np.ndarray, sources: np.ndarray) -> np.ndarray:
        """What the distance of sources from the patches of the canvas costs."""
        down = middles // self._width - sources // self._width
        across = middles % self._width - sources % self._width
        return self._away * (down * down + across * across).astype(np.float32)


def _cost(squares: np.ndarray, sums_squared: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Mean squared difference, of which that of the mean color counts less.

    Of differences d with weights w, sum w (d - (1 - s) m)^2 with their mean m is
    sum w d^2 - (1 - s^2) (sum w d)^2 / sum w.
    """
    return (squares - np.float32(1 - _MEAN_SHARE**2) * sums_squared / total) / total
