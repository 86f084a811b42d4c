"""Spring, training set (Mehl et al., 2023)."""

from pathlib import Path

import h5py
import numpy as np

from .disparity import depth_from_disparity
from .files import read_rgb, read_table, reading
from .sample import Dataset, DatasetError, Sample, between

NEAREST, FARTHEST = 1e-5, 200.0  # meters, as in SharpDepth's evaluation
BASELINE = 0.065  # meters, the same for every sequence


class Spring(Dataset):
    """The left frames; a scene is a sequence.

    Folder layout:
        train/0001/frame_left/frame_left_0001.png
        train/0001/disp1_left/disp1_left_0001.dsp5
        train/0001/cam_data/intrinsics.txt          fx fy cx cy, one line per frame
    The principal point of a 1920 x 1080 frame is (960, 540), its exact center: Spring puts the
    first pixel center at 0.5, as we do.
    """

    pattern = f"train/*/frame_left/frame_left_{'[0-9]' * 4}.png"

    def _read(self, entry):
        sequence, number = entry.parents[1], entry.stem.removeprefix("frame_left_")
        fx, fy, cx, cy = _row(sequence / "cam_data" / "intrinsics.txt", int(number))
        disparity = read_dsp5(sequence / "disp1_left" / f"disp1_left_{number}.dsp5")
        depth = depth_from_disparity(disparity, fx, BASELINE, FARTHEST)
        return Sample(
            name=f"{sequence.name}/{number}",
            scene=sequence.name,
            rgb=read_rgb(entry),
            depth=depth,
            valid=between(depth, NEAREST, FARTHEST),
            intrinsics=(fx, fy, cx, cy),
        )


def read_dsp5(path: Path) -> np.ndarray:
    """Read the disparity (H, W) from a .dsp5 file at picture resolution.

    It is stored at twice that resolution, in picture pixels; the top-left value of each 2 x 2 block
    is used, as in SharpDepth's evaluation.
    """
    with reading(path), h5py.File(path) as file:
        disparity = file["disparity"][:]
        if disparity.ndim != 2:
            raise ValueError(f"expected a 2D disparity map, got shape {disparity.shape}")
        return disparity[::2, ::2]


def _row(path, number):
    rows = read_table(path, 4)
    if not 1 <= number <= len(rows):
        raise DatasetError(f"{path} has {len(rows)} lines, none for frame {number}")
    return tuple(float(value) for value in rows[number - 1])
