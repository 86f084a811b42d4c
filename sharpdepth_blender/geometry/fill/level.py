"""Level: one size of a picture that is filled with texture."""

import math

import numpy as np

from ..windows import share_about
from .patch_match import Samples
from .seam import match_rim

# Longer side in pixels of the coarsest level, at most.
COARSEST = 128
# Pixels from the middle of a patch to its sides.
RADIUS = 3
# Patches of the canvas, about, on the coarsest level and the others, and the pixels between them at
# most.
_FEW_PATCHES, _MOST_PATCHES, _MOST_STRIDE = 1_500, 30_000, 4
# What is invented counts less than what is known.
_INVENTED = 0.5


class Level:
    """One size of the picture.

    Attributes:
        canvas: (H, W, 5) float32, the hole filled as well as is known so far: the colors, and
            how rough they are at full size.
        known: (H, W) bool.
        hole: (H, W) bool.
        source: (H, W, 5) float32.
        valid: (H, W) bool, middles of patches that are all source.
        samples: Which pixels of a patch are compared.
        stride: Pixels from one patch of the canvas to the next.
        work: Effort, about.
    """

    def __init__(
        self,
        canvas: np.ndarray,
        known: np.ndarray,
        hole: np.ndarray,
        source: np.ndarray,
        usable: np.ndarray,
    ) -> None:
        self.canvas, self.known, self.hole, self.source = canvas, known, hole, source
        count = int(hole.sum())
        most = _MOST_PATCHES if max(hole.shape) > COARSEST else _FEW_PATCHES
        stride = math.ceil(math.sqrt(count / most))
        self.stride = min(max(stride, 1), _MOST_STRIDE)
        if max(hole.shape) <= COARSEST:
            self.samples = Samples(RADIUS, 1)
        else:
            self.samples = Samples(RADIUS if self.stride < 3 else RADIUS + 1, 2)
        radius = self.samples.radius
        self.valid = share_about(usable, radius) == 1
        self.valid[:radius] = self.valid[-radius:] = False
        self.valid[:, :radius] = self.valid[:, -radius:] = False
        self.work = 2e3 + count / self.stride**2

    def begin_from(self, coarser: np.ndarray) -> None:
        """Take over what a level of half the size has found."""
        found = enlarged(coarser, *self.hole.shape)
        self.canvas = np.where(self.hole[..., None], found, self.canvas)

    @property
    def weight(self) -> np.ndarray:
        """How much each pixel counts, (H, W) float32."""
        return np.where(self.known, np.float32(1), np.float32(_INVENTED) * self.hole)

    def say(self, said: np.ndarray, heard: np.ndarray) -> None:
        """Take what patches say over for the hole.

        Args:
            said: (H, W, 5) float32.
            heard: (H, W) bool, where they say anything.
        """
        self._said, self._heard = said, heard
        self.canvas = np.where((self.hole & heard)[..., None], said, self.canvas)

    def without_seam(self) -> np.ndarray:
        """(5, H, W) of the canvas, its hole shifted so that it meets what is about it."""
        canvas, said = (np.moveaxis(each, -1, 0) for each in (self.canvas, self._said))
        said = np.where(self.hole, canvas, said)
        return match_rim(said, canvas, self.known & self._heard)


def enlarged(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear, from (h, w, C) of a coarser level to a size."""
    factor = 2 ** max(round(math.log2(max(height, width) / max(values.shape[:2]))), 0)
    for axis, length in ((0, height), (1, width)):
        place = (np.arange(length) + 0.5) / factor - 0.5
        first = np.floor(place).astype(np.intp)
        share = (place - first).astype(np.float32)
        share = share[:, None, None] if axis == 0 else share[:, None]
        last = values.shape[axis] - 1
        before = values.take(first.clip(0, last), axis)
        values = before + share * (values.take((first + 1).clip(0, last), axis) - before)
    return values
