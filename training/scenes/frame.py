"""One rendered picture with its depth and its camera, and the file that holds it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sharpdepth_blender.files import atomic_write

FAR = 40.0  # meters: the depth of the sky and of everything beyond


@dataclass(frozen=True)
class Frame:
    """A picture with its truth.

    Attributes:
        rgb: (H, W, 3) uint8, sRGB.
        depth: (H, W) float32 z-depth [m] at the pixel centers, at most `FAR`, which the sky has.
        intrinsics: fx, fy, cx, cy in pixels; the center of the top-left pixel is (0.5, 0.5).
        seed: the number that the scene, or the view of it, was drawn from.
    """

    rgb: np.ndarray
    depth: np.ndarray
    intrinsics: tuple[float, float, float, float]
    seed: int

    def save(self, path: Path):
        """Write the frame as .npz; an interrupted run leaves no half file."""
        intrinsics = np.array(self.intrinsics)
        with atomic_write(path) as beside:
            np.savez_compressed(
                beside, rgb=self.rgb, depth=self.depth, intrinsics=intrinsics, seed=self.seed
            )

    @classmethod
    def load(cls, path: Path) -> "Frame":
        """Read a frame that `save` wrote."""
        with np.load(path) as data:
            intrinsics = tuple(float(v) for v in data["intrinsics"])
            return cls(data["rgb"], data["depth"], intrinsics, int(data["seed"]))


def frame_path(folder: Path, split: str, seed: int) -> Path:
    """Return where the frame of a scene lies."""
    return Path(folder) / split / f"{seed:07d}.npz"
