"""A picture that `evaluate` kept."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Shown:
    """A picture with its true depth, NaN where unknown, and the depth maps of all methods [m]."""

    name: str
    rgb: np.ndarray
    truth: np.ndarray
    intrinsics: np.ndarray
    depths: dict[str, np.ndarray]

    def reduced(self, step: int) -> "Shown":
        """Take every n-th pixel, so that no depth is mixed of two."""
        return Shown(
            self.name,
            every(self.rgb, step),
            every(self.truth, step),
            self.intrinsics / step,
            {method: every(depth, step) for method, depth in self.depths.items()},
        )


def load_shown(path: Path) -> Shown:
    """Read a picture."""
    with np.load(path) as kept:
        depths = {str(name): kept[f"depth_{i}"] for i, name in enumerate(kept["methods"])}
        return Shown(path.stem, kept["rgb"], kept["truth"], kept["intrinsics"], depths)


def every(image: np.ndarray, step: int) -> np.ndarray:
    """Return every n-th row and column of an image, from the middle of the first n."""
    return np.ascontiguousarray(image[step // 2 :: step, step // 2 :: step])
