"""A rendered picture with depth and intrinsics, and its file format."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sharpdepth_blender.files import atomic_write

FAR = 40.0  # meters: the default for `farthest`, the depth of the sky and of everything beyond


@dataclass(frozen=True)
class Frame:
    """A picture with exact depth.

    Attributes:
        rgb: (H, W, 3) uint8, sRGB.
        depth: (H, W) float32 z-depth [m] at the pixel centers, clipped to the `farthest`
            that it was rendered with, which is also that of the sky.
        intrinsics: fx, fy, cx, cy in pixels, with the top-left pixel center at (0.5, 0.5).
        seed: Random seed of the scene, or of the view of it.
        sky: (H, W) bool, where a ray through the pixel center meets no surface; None: nowhere.
    """

    rgb: np.ndarray
    depth: np.ndarray
    intrinsics: tuple[float, float, float, float]
    seed: int
    sky: np.ndarray | None = None

    def save(self, path: Path):
        """Save the frame as .npz, atomically."""
        arrays = {"rgb": self.rgb, "depth": self.depth, "seed": self.seed}
        arrays["intrinsics"] = np.array(self.intrinsics)
        if self.sky is not None:
            arrays["sky"] = self.sky
        with atomic_write(path) as beside:
            np.savez_compressed(beside, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Frame":
        """Load a frame written by `save`."""
        with np.load(path) as data:
            intrinsics = tuple(float(v) for v in data["intrinsics"])
            sky = data["sky"] if "sky" in data else None
            return cls(data["rgb"], data["depth"], intrinsics, int(data["seed"]), sky)


def frame_path(folder: Path, split: str, seed: int) -> Path:
    """Return the path of a frame."""
    return Path(folder) / split / f"{seed:07d}.npz"
