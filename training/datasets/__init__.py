"""Pictures to learn from and pictures with measured depth, each dataset in its published format.

Every reader is a sequence: its entries are listed when it is opened and read one by one. A reader
imports the libraries of its format (h5py, SciPy) itself, so that the others work without them.
"""

from collections.abc import Sequence
from importlib import import_module

from .sample import DatasetError, Picture, Sample

__all__ = ["KINDS", "DatasetError", "Picture", "Sample", "open_dataset"]

KINDS = {  # the module that reads a kind, and its class
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
    """Open the dataset of a kind that lies in `folder`; all but "pictures" hold `Sample`s.

    Raises:
        DatasetError: there is no such kind, or the folder lacks what it should hold.
    """
    if kind not in KINDS:
        raise DatasetError(f"there is no dataset {kind!r}; there are {', '.join(KINDS)}")
    return getattr(import_module(f".{kind}", __name__), KINDS[kind])(folder)
