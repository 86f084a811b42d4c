"""What a dataset holds: pictures with their cameras, and most with the true depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


class DatasetError(OSError):
    """A dataset's file is missing, damaged or of another format; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture with its camera.

    Attributes:
        name: What tells it from the others of its dataset.
        rgb: (H, W, 3) uint8, sRGB.
        intrinsics: fx, fy, cx, cy in pixels; the center of the top-left pixel is (0.5, 0.5). None
            where the camera is not known.
    """

    name: str
    rgb: np.ndarray
    intrinsics: tuple[float, float, float, float] | None


@dataclass(frozen=True, kw_only=True)
class Sample(Picture):
    """A picture with its true depth.

    Attributes:
        scene: What it shares with the pictures that are not independent of it.
        depth: (H, W) float32 z-depth [m], finite; 0 where nothing is known.
        valid: (H, W) bool, the pixels that the dataset's published evaluation counts.
        edges: (H, W) bool, edges of depth that people drew; None for all datasets but iBims-1.

    Raises:
        DatasetError: the picture and its maps are not of one size.
    """

    scene: str
    depth: np.ndarray
    valid: np.ndarray
    edges: np.ndarray | None = None

    def __post_init__(self):
        size = self.rgb.shape[:2]
        for what in ("depth", "valid", "edges"):
            its = getattr(self, what)
            if its is not None and its.shape != size:
                raise DatasetError(
                    f"{self.name}: the picture is {_by(size)}, its {what} {_by(its.shape)}"
                )


class Dataset(Sequence):
    """A folder's pictures, listed when it is opened and read when they are asked for.

    A reader names in `pattern` the files that are its entries, or says there what the entries are
    that it lists by itself, and reads one of them in `_read`.

    Raises:
        DatasetError: there is no such folder, or it has none of them.
    """

    pattern: str

    def __init__(self, folder):
        self.folder = Path(folder).expanduser()
        if not self.folder.is_dir():
            raise DatasetError(f"there is no folder {self.folder}")
        self._entries = self._list()
        if not self._entries:
            raise DatasetError(f"{self.folder} holds no {self.pattern}")

    def __len__(self):
        return len(self._entries)

    def __getitem__(self, index):
        return self._read(self._entries[index])

    def __iter__(self):
        # The inherited one would take an IndexError in `_read` for the end.
        return map(self._read, self._entries)

    def _list(self) -> list:
        return sorted(self.folder.glob(self.pattern))

    def _read(self, entry) -> Picture:
        raise NotImplementedError


def _by(shape):
    return " x ".join(str(side) for side in reversed(shape))


def between(depth: np.ndarray, nearest: float, farthest: float) -> np.ndarray:
    """Tell where nearest < depth < farthest, both ends excluded as by the published evaluations."""
    return (depth > nearest) & (depth < farthest)
