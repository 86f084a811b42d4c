"""Sample pictures saved by `evaluate`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Shown:
    """A picture with its true depth (NaN where unknown) and the depth maps of all methods [m]."""

    name: str
    rgb: np.ndarray
    truth: np.ndarray
    intrinsics: np.ndarray
    depths: dict[str, np.ndarray]

    def reduced(self, step: int) -> "Shown":
        """Subsample by `step`, so that depths are never blended."""
        return Shown(
            self.name,
            every(self.rgb, step),
            every(self.truth, step),
            self.intrinsics / step,
            {method: every(depth, step) for method, depth in self.depths.items()},
        )


def load_shown(path: Path) -> Shown:
    """Load a sample picture."""
    with np.load(path) as kept:
        depths = {str(name): kept[f"depth_{i}"] for i, name in enumerate(kept["methods"])}
        return Shown(path.stem, kept["rgb"], kept["truth"], kept["intrinsics"], depths)


def every(image: np.ndarray, step: int) -> np.ndarray:
    """Return every `step`-th row and column of an image, starting at `step // 2`."""
    return np.ascontiguousarray(image[step // 2 :: step, step // 2 :: step])
