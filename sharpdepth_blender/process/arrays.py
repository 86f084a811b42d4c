"""Transfer of arrays, which are too large for messages, as `.npy` files."""

import errno
import tempfile
from pathlib import Path

import numpy as np

from .errors import JobError

# numpy reports a short write without an error number.
_FULL = (None, errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def make_folder() -> Path:
    """Create a private temporary folder for the arrays of one request.

    Raises:
        JobError: `disk_full` or `disk_error`.
    """
    try:
        return Path(tempfile.mkdtemp(prefix="sharpdepth-"))
    except OSError as error:
        raise _disk_error(error, Path(tempfile.gettempdir())) from error


def save_array(folder: Path, name: str, array: np.ndarray) -> str:
    """Write `array` into `folder` and return the file's name.

    Raises:
        JobError: `disk_full`, or `disk_error` if the folder cannot be written.
    """
    file = f"{name}.npy"
    try:
        np.save(folder / file, array, allow_pickle=False)
    except OSError as error:
        raise _disk_error(error, folder) from error
    return file


def load_array(folder: Path, file: str) -> np.ndarray:
    """Read an array written by the other process.

    Raises:
        JobError: `disk_error`, if the file is missing or incomplete.
    """
    try:
        return np.load(folder / Path(file).name, allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        text = f"The array {file} in the temporary folder {folder} is missing or not whole."
        raise JobError("disk_error", text) from error


def _disk_error(error: OSError, folder: Path) -> JobError:
    kind = "disk_full" if error.errno in _FULL else "disk_error"
    reason = error.strerror or "no space left"
    return JobError(kind, f"Cannot write to the temporary folder {folder}: {reason}.")
