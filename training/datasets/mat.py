"""MATLAB version 5 files."""

from pathlib import Path

from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from .files import reading


def read_mat(path: Path, name: str):
    """Read one variable; structs have their fields as attributes.

    Raises:
        DatasetError: the file is missing, damaged or of another version, or lacks the variable.
    """
    with reading(path):
        try:
            return loadmat(path, struct_as_record=False, squeeze_me=True)[name]
        except MatReadError as error:
            raise ValueError(error) from error
