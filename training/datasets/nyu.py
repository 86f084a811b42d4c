"""NYU Depth V2, test split of the labeled set (Silberman et al., 2012)."""

import h5py
import numpy as np

from .files import reading
from .mat import read_mat
from .sample import Dataset, Sample, between

NEAREST, FARTHEST = 1e-3, 10.0  # meters
WINDOW = np.s_[45:471, 41:601]  # rows and columns evaluated by Eigen et al. (2014)
# The RGB camera from the dataset's toolbox (camera_params.m); depth is registered to it. The
# toolbox puts the first pixel center at 1 (rgb_plane2rgb_world.m).
INTRINSICS = (
    518.85790117450188,
    519.46961112127485,
    325.58244941119034 - 0.5,
    253.73616633400465 - 0.5,
)


class Nyu(Dataset):
    """The 654 test pictures with raw Kinect depth, holes not filled.

    Folder layout: nyu_depth_v2_labeled.mat (HDF5, arrays stored transposed) and splits.mat, whose
    indices start at 1. A scene is one recorded room, such as kitchen_0004.
    """

    pattern = "testNdxs in splits.mat"

    def _list(self):
        numbers = read_mat(self.folder / "splits.mat", "testNdxs")
        return [int(number) for number in np.ravel(numbers)]

    def _read(self, entry):
        path = self.folder / "nyu_depth_v2_labeled.mat"
        with reading(path), h5py.File(path) as file:
            rgb = file["images"][entry - 1].transpose(2, 1, 0)
            depth = file["rawDepths"][entry - 1].T.astype(np.float32)
            scene = bytes(file[file["scenes"][0, entry - 1]][:].astype(np.uint8).ravel()).decode()
        window = np.zeros(depth.shape, bool)
        window[WINDOW] = True
        return Sample(
            name=f"{entry:04d}",
            scene=scene,
            rgb=np.ascontiguousarray(rgb),
            depth=np.ascontiguousarray(depth),
            valid=between(depth, NEAREST, FARTHEST) & window,
            intrinsics=INTRINSICS,
        )
