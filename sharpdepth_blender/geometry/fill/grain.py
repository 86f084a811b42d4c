"""Grain: the noise of a picture, measured where it is flat, and more of the same."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..srgb import from_linear, to_linear

# Sides of the blocks that noise is measured in, and how many of them at most.
_BLOCK, _MOST_BLOCKS = 8, 1_500
# Blocks of about the same brightness, of which there are so many at least.
_LEVELS, _FEWEST = 8, 40
# Of these, the flattest count: up to so many times the variance of the first few in a hundred,
# which is noise alone, for what else a picture has is not everywhere.
_FIRST, _FLAT = 0.03, 1.6
# Steps over which the noise of one pixel may follow that of another.
_REACH = 2
_TURNS = 4
# Noise below this is that of rounding to 8 bits, or none.
_LEAST = 0.5 / 255
# Sides of the tile of noise that is repeated.
_TILE = 512


@dataclass(frozen=True)
class Grain:
    """The noise of a picture.

    Attributes:
        brightness: (L,) mean of the channels at which it was measured, ascending; empty for none.
        deviation: (L, 3) standard deviation of each channel there.
        channels: (3, 3) correlation of the channels.
        neighbors: (5, 5) correlation of pixels up to two steps apart, 1 in the middle.
        is_linear: Whether the picture is in linear light, and the noise that of its encoding.
    """

    brightness: np.ndarray
    deviation: np.ndarray
    channels: np.ndarray
    neighbors: np.ndarray
    is_linear: bool = False

    @cached_property
    def _tile(self) -> np.ndarray:
        """(3, 512, 512) float32 noise of deviation 1, that goes on where it ends."""
        spectrum = np.zeros((_TILE, _TILE))
        steps = np.arange(-_REACH, _REACH + 1)
        spectrum[np.ix_(steps, steps)] = self.neighbors
        power = np.maximum(np.fft.rfft2(spectrum).real, 0)
        white = np.random.default_rng(0).standard_normal((3, _TILE, _TILE))
        noise = np.fft.irfft2(np.fft.rfft2(white) * np.sqrt(power), s=(_TILE, _TILE))
        noise /= noise.std((1, 2), keepdims=True)
        values, vectors = np.linalg.eigh(self.channels)
        root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
        return np.einsum("ij,jhw->ihw", root, noise).astype(np.float32)

    def add_to(
        self, values: np.ndarray, where: np.ndarray, origin: tuple[int, int] = (0, 0)
    ) -> None:
        """Add the noise to a picture, in place; the same one each time.

        Args:
            values: (3, H, W) float32.
            where: (H, W) bool.
            origin: (row, column) of the first pixel, so that parts of one picture agree.
        """
        if not len(self.brightness) or not where.any():
            return
        rows, columns = np.nonzero(where)
        place = (rows + origin[0]) % _TILE * _TILE + (columns + origin[1]) % _TILE
        colors = values[:, rows, columns]
        colors = from_linear(colors) if self.is_linear else colors
        level = colors.mean(0)
        for color, tile, deviation in zip(colors, self._tile, self.deviation.T, strict=True):
            spread = np.interp(level, self.brightness, deviation)
            color += tile.ravel()[place] * spread.astype(np.float32)
        if self.is_linear:
            colors = to_linear(np.maximum(colors, 0))
        values[:, rows, columns] = colors


def measure_grain(values: np.ndarray, known: np.ndarray, is_linear: bool = False) -> Grain:
    """Measure the noise of a picture in its flattest parts, by brightness.

    Args:
        values: (3, H, W) float32, sRGB in 0..1, or linear light.
        known: (H, W) bool, pixels that count.
        is_linear: Whether it is linear light.

    Returns:
        The noise, none where there is no flat part that is large enough.
    """
    blocks = _blocks(values, known)
    blocks = _unclipped(from_linear(blocks) if is_linear else blocks)
    nothing = Grain(np.empty(0), np.empty((0, 3)), np.eye(3), _delta())
    if len(blocks) < _FEWEST:
        return nothing
    level = blocks.mean((1, 2, 3))
    rest = _detrended(blocks)
    variance = (rest**2).mean((2, 3))
    chosen, brightness, deviation = [], [], []
    for part in np.array_split(np.argsort(level, kind="stable"), _parts(len(blocks))):
        energy = variance[part].mean(1)
        flat = part[energy <= _FLAT * np.quantile(energy, _FIRST)]
        chosen.append(flat)
        brightness.append(level[flat].mean())
        deviation.append(np.sqrt(variance[flat].mean(0)))
    spread = np.array(deviation)
    spread[spread < _LEAST] = 0
    if not spread.any():
        return nothing
    flat = np.concatenate(chosen)
    flat = flat[variance[flat].mean(1) >= _LEAST**2]
    if not len(flat):
        return nothing
    scaled = rest[flat] / np.sqrt(np.maximum(variance[flat], 1e-12))[..., None, None]
    channels = np.einsum("bihw,bjhw->ij", scaled, scaled)
    size = np.sqrt(np.maximum(np.diag(channels), 1e-12))
    left = neighbors = _neighbors(scaled)
    taken = 0.0
    for _ in range(_TURNS):  # each depends on the other
        taken = _taken(neighbors)
        neighbors = left * (1 - taken) + taken
    spread /= np.sqrt(1 - taken)
    return Grain(
        np.array(brightness), spread, channels / np.outer(size, size), neighbors, is_linear
    )


def _parts(count: int) -> int:
    return max(1, min(_LEVELS, count // _FEWEST))


def _delta() -> np.ndarray:
    neighbors = np.zeros((2 * _REACH + 1,) * 2)
    neighbors[_REACH, _REACH] = 1
    return neighbors


def _blocks(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(N, 3, 8, 8) float64 blocks of which every pixel counts."""
    height, width = (length // _BLOCK for length in known.shape)
    rows, columns = height * _BLOCK, width * _BLOCK
    shape = height, _BLOCK, width, _BLOCK
    whole = known[:rows, :columns].reshape(shape).all((1, 3))
    at = np.flatnonzero(whole)
    at = at[:: max(1, -(-len(at) // _MOST_BLOCKS))]
    down, across = np.divmod(at, max(width, 1))
    inside = np.arange(_BLOCK)
    blocks = values[
        :,
        (down * _BLOCK)[:, None, None] + inside[:, None],
        (across * _BLOCK)[:, None, None] + inside,
    ]
    return np.moveaxis(blocks, 0, 1).astype(np.float64)


def _unclipped(blocks: np.ndarray) -> np.ndarray:
    """Those that are neither black nor white, which hide the noise that was there."""
    inner = (blocks.min((1, 2, 3)) > 1 / 255) & (blocks.max((1, 2, 3)) < 254 / 255)
    return blocks[inner]


def _detrended(blocks: np.ndarray) -> np.ndarray:
    """Blocks without their mean and slope."""
    along = np.arange(_BLOCK) - (_BLOCK - 1) / 2
    along /= np.sqrt((along**2).sum() * _BLOCK)
    rest = blocks - blocks.mean((2, 3), keepdims=True)
    rest -= np.einsum("bchw,w->bc", rest, along)[..., None, None] * along
    rest -= np.einsum("bchw,h->bc", rest, along)[..., None, None] * along[:, None]
    return rest


def _taken(neighbors: np.ndarray) -> float:
    """The share of a block's variance that goes with its mean and slope."""
    row, column = np.divmod(np.arange(_BLOCK**2), _BLOCK)
    down, across = row[:, None] - row, column[:, None] - column
    near = np.maximum(np.abs(down), np.abs(across)) <= _REACH
    follows = np.where(near, neighbors[(down * near) + _REACH, (across * near) + _REACH], 0)
    plane = np.linalg.qr(np.stack([np.ones(_BLOCK**2), row, column], 1))[0]
    return min(float(np.einsum("ki,kl,li->", plane, follows, plane)) / _BLOCK**2, 0.5)


def _neighbors(scaled: np.ndarray) -> np.ndarray:
    """Correlation of pixels a few steps apart, of blocks with unit variance."""
    found = np.zeros((2 * _REACH + 1,) * 2)
    size = scaled.shape[-1]
    for down in range(_REACH + 1):
        for across in range(-_REACH, _REACH + 1):
            first = slice(max(0, -across), size - max(0, across))
            second = slice(max(0, across), size - max(0, -across))
            product = scaled[..., : size - down, first] * scaled[..., down:, second]
            found[_REACH + down, _REACH + across] = product.mean()
            found[_REACH - down, _REACH - across] = product.mean()
    return found / found[_REACH, _REACH]
