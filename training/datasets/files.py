"""File readers shared by several datasets; every failure becomes a `DatasetError`."""

import struct
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.picture import read_picture

from .sample import DatasetError

# Exceptions that the picture, .npy, HDF5, .mat and text readers raise on a damaged file.
DAMAGE = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, SyntaxError),
    *(NotImplementedError, EngineError, struct.error, zlib.error),
)


@contextmanager
def reading(path: Path):
    """Turn read errors into a `DatasetError` that names the file.

    Raises:
        DatasetError: the file is missing, damaged or in an unexpected format.
    """
    if not path.is_file():
        raise DatasetError(f"{path} is missing")
    try:
        yield
    except DAMAGE as error:
        reason = f"{type(error).__name__}: {error}"
        raise DatasetError(f"{path} is damaged or in an unexpected format ({reason})") from error


def read_rgb(path: Path) -> np.ndarray:
    """Read a picture as (H, W, 3) uint8, dropping alpha."""
    with reading(path):
        return read_picture(path, ignore_alpha=True).rgb


def read_sixteen_bits(path: Path) -> np.ndarray:
    """Read a 16-bit grayscale PNG as (H, W); 8 bits are too coarse for depth and are refused."""
    with reading(path), Image.open(path) as image:
        if not image.mode.startswith("I"):
            raise ValueError(f"expected 16-bit grayscale, got mode {image.mode}")
        return np.asarray(image)


def read_npy(path: Path) -> np.ndarray:
    """Read a two-dimensional numeric array from a .npy file."""
    with reading(path):
        values = np.load(path)
        if values.ndim != 2 or values.dtype.kind not in "fiu":
            raise ValueError(f"expected a 2D numeric array, got {values.dtype} {values.shape}")
        return values


def read_table(path: Path, columns: int) -> np.ndarray:
    """Read a text file of numbers as (rows, columns) float64."""
    with reading(path):
        return np.array(path.read_text().split(), float).reshape(-1, columns)
