"""iBims-1 (Koch et al., 2018)."""

import numpy as np

from .files import reading
from .mat import read_mat
from .sample import Dataset, Sample, between


class Ibims(Dataset):
    """The 100 pictures with laser-scanned depth and hand-annotated edges.

    Folder layout: imagelist.txt with one name per line, and ibims1_core_mat/corridor_01.mat etc.
    A scene is a room type (corridor). As in the published evaluation, a pixel is valid if it has
    depth and is masked neither as invalid nor as transparent; there is no maximum depth.
    """

    pattern = "name in imagelist.txt"

    def _list(self):
        path = self.folder / "imagelist.txt"
        with reading(path):
            return path.read_text().split()

    def _read(self, entry):
        path = self.folder / "ibims1_core_mat" / f"{entry}.mat"
        data = read_mat(path, "data")
        with reading(path):
            depth = np.nan_to_num(data.depth.astype(np.float32), posinf=0, neginf=0)
            counted = (data.mask_invalid != 0) & (data.mask_transp != 0)
            # MATLAB stores K transposed, and the published evaluation puts the first pixel center
            # at 1.
            (fx, _, _), (_, fy, _), (cx, cy, _) = data.calib.astype(float).tolist()
            rgb, edges = data.rgb, data.edges != 0
        return Sample(
            name=entry,
            scene=entry.rpartition("_")[0],
            rgb=rgb,
            depth=depth,
            valid=between(depth, 0, np.inf) & counted,
            edges=edges,
            intrinsics=(fx, fy, cx - 0.5, cy - 0.5),
        )
