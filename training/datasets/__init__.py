"""Readers for training pictures and for evaluation datasets, each in its published format.

Every reader is a sequence: it lists its entries on opening and reads them on access. Each reader
imports the libraries for its own format (h5py, SciPy), so that the others work without them.
"""

from collections.abc import Sequence
from importlib import import_module

from .sample import DatasetError, Picture, Sample

__all__ = ["KINDS", "DatasetError", "Picture", "Sample", "open_dataset"]

KINDS = {  # module name: reader class
    "ibims": "Ibims",
    "kitti": "Kitti",
    "nyu": "Nyu",
    "pictures": "Pictures",
    "rendered": "Rendered",
    "rgbd": "Rgbd",
    "sintel": "Sintel",
    "spring": "Spring",
    "unrealstereo4k": "UnrealStereo4K",
}


def open_dataset(kind: str, folder) -> Sequence[Picture]:
    """Open the dataset in `folder`; every kind except "pictures" yields `Sample`s.

    Raises:
        DatasetError: the kind is unknown, or files are missing from the folder.
    """
    if kind not in KINDS:
        raise DatasetError(f"unknown dataset kind {kind!r}; known kinds: {', '.join(KINDS)}")
    return getattr(import_module(f".{kind}", __name__), KINDS[kind])(folder)
