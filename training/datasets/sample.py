"""Dataset entries: pictures with intrinsics, most of them with ground-truth depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


class DatasetError(OSError):
    """A dataset file is missing, damaged or in an unexpected format; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture with its camera.

    Attributes:
        name: Unique name within the dataset.
        rgb: (H, W, 3) uint8, sRGB.
        intrinsics: fx, fy, cx, cy in pixels, with the top-left pixel center at (0.5, 0.5); None if
            the camera is unknown.
    """

    name: str
    rgb: np.ndarray
    intrinsics: tuple[float, float, float, float] | None


@dataclass(frozen=True, kw_only=True)
class Sample(Picture):
    """A picture with ground-truth depth.

    Attributes:
        scene: Name shared by pictures that are statistically dependent.
        depth: (H, W) float32 z-depth [m], finite; 0 where unknown.
        valid: (H, W) bool, the pixels counted by the dataset's published evaluation.
        edges: (H, W) bool, hand-annotated depth edges; None for all datasets but iBims-1.

    Raises:
        DatasetError: the picture and its maps differ in size.
    """

    scene: str
    depth: np.ndarray
    valid: np.ndarray
    edges: np.ndarray | None = None

    def __post_init__(self):
        size = self.rgb.shape[:2]
        for field in ("depth", "valid", "edges"):
            array = getattr(self, field)
            if array is not None and array.shape != size:
                raise DatasetError(
                    f"{self.name}: the picture is {_by(size)}, but {field} is {_by(array.shape)}"
                )


class Dataset(Sequence):
    """Pictures in a folder, listed on opening and read on access.

    A subclass implements `_read` for one entry. `pattern` is the glob of its entries; a subclass
    that overrides `_list` describes its entries there instead, for the error message.

    Raises:
        DatasetError: the folder does not exist or has no entries.
    """

    pattern: str

    def __init__(self, folder):
        self.folder = Path(folder).expanduser()
        if not self.folder.is_dir():
            raise DatasetError(f"folder not found: {self.folder}")
        self._entries = self._list()
        if not self._entries:
            raise DatasetError(f"{self.folder} contains no {self.pattern}")

    def __len__(self):
        return len(self._entries)

    def __getitem__(self, index):
        return self._read(self._entries[index])

    def __iter__(self):
        # The inherited iterator would mistake an IndexError in `_read` for the end.
        return map(self._read, self._entries)

    def _list(self) -> list:
        return sorted(self.folder.glob(self.pattern))

    def _read(self, entry) -> Picture:
        raise NotImplementedError


def _by(shape):
    return " x ".join(str(side) for side in reversed(shape))


def between(depth: np.ndarray, nearest: float, farthest: float) -> np.ndarray:
    """Mask nearest < depth < farthest, both exclusive as in the published evaluations."""
    return (depth > nearest) & (depth < farthest)
