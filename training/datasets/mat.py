"""MATLAB's files of version 5."""

from pathlib import Path

from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from .files import reading


def read_mat(path: Path, name: str):
    """Return one variable, a struct with its fields as attributes.

    Raises:
        DatasetError: the file is missing, damaged, of another version or has no such variable.
    """
    with reading(path):
        try:
            return loadmat(path, struct_as_record=False, squeeze_me=True)[name]
        except MatReadError as error:
            raise ValueError(error) from error
