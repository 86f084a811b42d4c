"""Files that several datasets have in common; whatever is wrong with one is a `DatasetError`."""

import struct
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.picture import read_picture

from .sample import DatasetError

# What the readers of pictures, .npy, HDF5, .mat and text raise on a damaged file.
DAMAGE = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, SyntaxError),
    *(NotImplementedError, EngineError, struct.error, zlib.error),
)


@contextmanager
def reading(path: Path):
    """Name the file in what goes wrong while it is read.

    Raises:
        DatasetError: the file is missing, damaged or of another format.
    """
    if not path.is_file():
        raise DatasetError(f"{path} is missing")
    try:
        yield
    except DAMAGE as error:
        reason = f"{type(error).__name__}: {error}"
        raise DatasetError(f"{path} is damaged or of another format ({reason})") from error


def read_rgb(path: Path) -> np.ndarray:
    """Return the picture (H, W, 3) uint8, without its alpha."""
    with reading(path):
        return read_picture(path, ignore_alpha=True).rgb


def read_sixteen_bits(path: Path) -> np.ndarray:
    """Return the values (H, W) of a gray PNG of 16 bits; 8 bits show depth and do not tell it."""
    with reading(path), Image.open(path) as image:
        if not image.mode.startswith("I"):
            raise ValueError(f"it has mode {image.mode}, not 16 bits of gray")
        return np.asarray(image)


def read_npy(path: Path) -> np.ndarray:
    """Return the two-dimensional array of numbers of a .npy file."""
    with reading(path):
        values = np.load(path)
        if values.ndim != 2 or values.dtype.kind not in "fiu":
            raise ValueError(f"{values.dtype} {values.shape} is no map of numbers")
        return values


def read_table(path: Path, columns: int) -> np.ndarray:
    """Return the numbers of a text file, (rows, columns) float64."""
    with reading(path):
        return np.array(path.read_text().split(), float).reshape(-1, columns)
