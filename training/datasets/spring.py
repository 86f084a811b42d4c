"""Spring, the training set (Mehl et al., 2023)."""

from pathlib import Path

import h5py
import numpy as np

from .disparity import depth_from_disparity
from .files import read_rgb, read_table, reading
from .sample import Dataset, DatasetError, Sample, between

NEAREST, FARTHEST = 1e-5, 200.0  # meters, as SharpDepth's evaluation
BASELINE = 0.065  # meters, of every sequence


class Spring(Dataset):
    """The left frames; a sequence is a scene.

    The folder holds:
        train/0001/frame_left/frame_left_0001.png
        train/0001/disp1_left/disp1_left_0001.dsp5
        train/0001/cam_data/intrinsics.txt          fx fy cx cy, a line for each frame
    The principal point of a 1920 x 1080 frame is (960, 540), its very middle: Spring counts pixel
    centers from 0.5, as we do.
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
    """Return the disparity (H, W) of a .dsp5 file at the picture's resolution.

    It is stored at twice that, in pixels of the picture; of every four values the upper left one is
    taken, as by SharpDepth's evaluation.
    """
    with reading(path), h5py.File(path) as file:
        disparity = file["disparity"][:]
        if disparity.ndim != 2:
            raise ValueError(f"{disparity.shape} is no map of disparity")
        return disparity[::2, ::2]


def _row(path, number):
    rows = read_table(path, 4)
    if not 1 <= number <= len(rows):
        raise DatasetError(f"{path} has {len(rows)} lines and none for frame {number}")
    return tuple(float(value) for value in rows[number - 1])
