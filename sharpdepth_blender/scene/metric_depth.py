"""Metric depth: a file of measured depth for a picture, such as a scanner's."""

import os
from contextlib import suppress
from pathlib import PurePath
from tokenize import TokenError

import bpy
import numpy as np

from ..geometry import clean_measurement, fit_measurement
from .errors import DamagedFile, DepthFileError, reason
from .exr import read_depth_exr
from .loading import load_image
from .picture import has_pixels, image_values

SUFFIXES = (".exr", ".npy", ".png")
_MILLIMETER = 0.001
# What numpy raises of a header that is none.
_DAMAGE = (ValueError, EOFError, OverflowError, SyntaxError, TypeError, TokenError)


def read_metric_depth(
    path: str | os.PathLike[str],
    width: int,
    height: int,
    channel: str | None = None,
    unit: float | None = None,
) -> np.ndarray:
    """Read z-depth that was measured for a picture: `read_depth_values`, then `fit_depth_values`.

    Args:
        path: As of the first.
        width: As of the second, like `height` and `unit`.
        height: Likewise.
        channel: As of the first.
        unit: Likewise.

    Returns:
        (height, width) float32 meters, row 0 at the top, holes 0.

    Raises:
        DepthFileError: The file cannot be read, has other proportions, or holds no depth.
    """
    return fit_depth_values(read_depth_values(path, channel), path, width, height, unit)


def read_depth_values(path: str | os.PathLike[str], channel: str | None = None) -> np.ndarray:
    """Read the values of a depth file, whatever they mean.

    Args:
        path: EXR with any layers, 16-bit PNG, or an (H, W) array saved by numpy; of another kind,
            such as HEIC, somebody else has to read the values.
        channel: Channel of the EXR; None for the one that `depth_channel` finds.

    Returns:
        (H, W) numbers, row 0 at the top.

    Raises:
        DepthFileError: The file cannot be read.
    """
    suffix = PurePath(path).suffix.lower()
    if suffix == ".exr":
        return read_depth_exr(path, channel)
    return _read_png(path) if suffix == ".png" else _read_array(path)


def fit_depth_values(
    values: np.ndarray,
    path: str | os.PathLike[str],
    width: int,
    height: int,
    unit: float | None = None,
) -> np.ndarray:
    """Turn the values of a depth file into depth of a picture. Asks nothing of Blender.

    Values that are not finite, not above zero, or 1e9 and more are holes. A map of another size but
    the picture's proportions is resampled.

    Args:
        values: (H, W), from the file.
        path: The file.
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        unit: Meters per unit of the file; None for 1, in PNG for 0.001.

    Returns:
        (height, width) float32 meters, row 0 at the top, holes 0.

    Raises:
        DepthFileError: They have other proportions, or hold no depth.
    """
    if unit is None:
        unit = _MILLIMETER if PurePath(path).suffix.lower() == ".png" else 1.0
    depth = clean_measurement(values, unit)
    if not depth.any():
        raise DepthFileError("The depth file {path} measures nothing.", path=path)
    try:
        return fit_measurement(depth, width, height)
    except ValueError as error:
        raise DepthFileError("The depth file {path} {error}.", path=path, error=error) from error


def _read_png(path: str | os.PathLike[str]) -> np.ndarray:
    """The 16-bit values as float32."""
    if not os.path.isfile(path):
        raise DepthFileError("The depth file {path} does not exist.", path=path)
    try:
        image = load_image(path)
    except (RuntimeError, DamagedFile) as error:
        raise DepthFileError("Blender cannot read the file {path}.", path=path) from error
    try:
        image.colorspace_settings.is_data = True
        if not has_pixels(image):
            raise DepthFileError("Blender cannot read the file {path}.", path=path)
        if not image.is_float:
            raise DepthFileError(
                "The depth file {path} has 8 bits, too few for depth: save it with 16.", path=path
            )
        return np.round(image_values(image)[..., 0] * np.float32(65535))
    finally:
        bpy.data.images.remove(image)


def _read_array(path: str | os.PathLike[str]) -> np.ndarray:
    if not os.path.isfile(path):  # a pipe would be waited for forever
        raise DepthFileError("The depth file {path} does not exist.", path=path)
    loaded = None
    try:
        # Not raised from, as that would keep the file open while the error is shown.
        with suppress(*_DAMAGE):
            # Mapped, so that a header that claims more than there is does not take the memory.
            loaded = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise DepthFileError(
            "The depth file {path} cannot be read: {reason}",
            path=path,
            reason=reason(error) if error.strerror else "it is empty or damaged.",
        ) from error
    if loaded is None:
        raise DepthFileError(
            "The depth file {path} is not an array that numpy wrote, or it is damaged.", path=path
        )
    has_numbers = isinstance(loaded, np.ndarray) and loaded.dtype.kind in "iuf"
    shape = loaded.shape if has_numbers else ()
    sides = shape if len(shape) == 2 else tuple(side for side in shape if side != 1)
    depth = np.array(loaded).reshape(sides) if len(sides) == 2 and 0 not in sides else None
    if not isinstance(loaded, np.ndarray):
        loaded.close()
    del loaded  # likewise
    if not has_numbers:
        raise DepthFileError(
            "The depth file {path} does not hold one array of real numbers.", path=path
        )
    if depth is None:
        raise DepthFileError(
            "The depth file {path} has the shape {shape}, but a depth map has rows and columns.",
            path=path,
            shape=shape,
        )
    return depth
