"""Encoding: pictures of any kind as sRGB in 0..1, as fills know them, and back."""

from dataclasses import dataclass

import numpy as np

from ..srgb import from_linear, to_linear

# Of the known pixels, the share that is no brighter than what becomes white.
_WHITE = 0.999


@dataclass(frozen=True)
class Encoding:
    """How a picture's values are shown to a fill.

    Attributes:
        white: Linear light that becomes 1, at least 1; None for a picture in sRGB, which stays.
    """

    white: float | None = None

    @classmethod
    def of(cls, values: np.ndarray, known: np.ndarray, is_linear: bool) -> "Encoding":
        """The encoding of a picture, (3, H, W), by its known pixels, (H, W) bool."""
        if not is_linear:
            return cls()
        brightest = values[:, known].max(0, initial=0)
        brightest = brightest[np.isfinite(brightest)]
        return cls(max(1.0, float(np.quantile(brightest, _WHITE))) if brightest.size else 1.0)

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Values of the picture as sRGB: what is brighter than white is above 1; float32."""
        if self.white is None:
            return values
        return from_linear(values / np.float32(self.white)).astype(np.float32)

    def decode(self, values: np.ndarray) -> np.ndarray:
        """The reverse of `encode`, but for what was below 0; float32."""
        if self.white is None:
            return values.clip(0, 1)
        return (to_linear(np.maximum(values, 0)) * self.white).astype(np.float32)
