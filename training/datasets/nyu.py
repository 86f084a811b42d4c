"""NYU Depth V2, the test split of the labeled set (Silberman et al., 2012)."""

import h5py
import numpy as np

from .files import reading
from .mat import read_mat
from .sample import Dataset, Sample, between

NEAREST, FARTHEST = 1e-3, 10.0  # meters
WINDOW = np.s_[45:471, 41:601]  # rows and columns that Eigen et al. (2014) evaluate
# The color camera of the set's toolbox (camera_params.m), to whose picture the depth is
# registered. The toolbox counts pixel centers from 1 (rgb_plane2rgb_world.m).
INTRINSICS = (
    518.85790117450188,
    519.46961112127485,
    325.58244941119034 - 0.5,
    253.73616633400465 - 0.5,
)


class Nyu(Dataset):
    """The 654 test pictures, with the depth that the Kinect measured, holes left open.

    The folder holds nyu_depth_v2_labeled.mat (HDF5, arrays stored transposed) and splits.mat, which
    counts pictures from 1. A room that was visited is a scene, such as kitchen_0004.
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
