"""UnrealStereo4K (Tosi et al., 2021)."""

from pathlib import Path

import numpy as np

from .disparity import depth_from_disparity
from .files import read_npy, read_rgb, read_table
from .sample import Dataset, DatasetError, Sample, between

NEAREST, FARTHEST = 1e-5, 200.0  # meters, as in SharpDepth's evaluation


class UnrealStereo4K(Dataset):
    """The left pictures of all parts present (SharpDepth is evaluated on 00008).

    Folder layout:
        00008/Image0/00000.png
        00008/Disp0/00000.npy                                  disparity in pixels
        00008/Extrinsics0/00000.txt, 00008/Extrinsics1/00000.txt   the two cameras
    A scene is a part, which shows a single world. The principal point of a 3840 x 2160 picture is
    (1920, 1080), its exact center: the dataset puts the first pixel center at 0.5, as we do.
    """

    pattern = "*/Image0/*.png"

    def _read(self, entry):
        part, number = entry.parents[1], entry.stem
        left, position = read_camera(part / "Extrinsics0" / f"{number}.txt")
        _, other = read_camera(part / "Extrinsics1" / f"{number}.txt")
        # The two cameras are parallel, so this holds for either direction of the pose transform.
        baseline = float(np.linalg.norm(other - position))
        disparity = read_npy(part / "Disp0" / f"{number}.npy")
        depth = depth_from_disparity(disparity, left[0], baseline, FARTHEST)
        return Sample(
            name=f"{part.name}/{number}",
            scene=part.name,
            rgb=read_rgb(entry),
            depth=depth,
            valid=between(depth, NEAREST, FARTHEST),
            intrinsics=left,
        )


def read_camera(path: Path) -> tuple[tuple[float, float, float, float], np.ndarray]:
    """Read the intrinsics and the pose translation [m] from a file in `Extrinsics`.

    The first line is K (3 x 3), the second the pose (3 x 4), both row by row.
    """
    numbers = read_table(path, 1).ravel()
    if len(numbers) != 21:
        raise DatasetError(f"{path} has {len(numbers)} numbers, expected 9 for K, 12 for the pose")
    fx, _, cx, _, fy, cy = (float(value) for value in numbers[:6])
    return (fx, fy, cx, cy), numbers[9:].reshape(3, 4)[:, 3]
