"""MPI Sintel, training set with depth (Butler et al., 2012)."""

from pathlib import Path

import numpy as np

from .files import read_rgb, reading
from .sample import Dataset, Sample, between

NEAREST, FARTHEST = 1e-3, 200.0  # meters, as in SharpDepth's evaluation
TAG = 202021.25  # magic number of .dpt and .cam files


class Sintel(Dataset):
    """Frames of the final pass with depth as stored, sky included; a scene is a sequence.

    Folder layout, as the published archives unpack:
        training/final/alley_1/frame_0001.png
        training/depth/alley_1/frame_0001.dpt
        training/camdata_left/alley_1/frame_0001.cam
    """

    pattern = "training/final/*/frame_*.png"

    def _read(self, entry):
        training, sequence, frame = entry.parents[2], entry.parent.name, entry.stem
        depth = read_dpt(training / "depth" / sequence / f"{frame}.dpt")
        return Sample(
            name=f"{sequence}/{frame}",
            scene=sequence,
            rgb=read_rgb(entry),
            depth=depth,
            valid=between(depth, NEAREST, FARTHEST),
            intrinsics=read_cam(training / "camdata_left" / sequence / f"{frame}.cam"),
        )


def read_dpt(path: Path) -> np.ndarray:
    """Read a .dpt file as depth (H, W) float32 [m].

    Format, little-endian: tag (float32), width, height (int32), depth row by row (float32).
    """
    with reading(path):
        body = _after_tag(path)
        width, height = np.frombuffer(body, "<i4", 2)
        depth = np.frombuffer(body, "<f4", offset=8).reshape(height, width).astype(np.float32)
        return np.nan_to_num(depth, posinf=0, neginf=0)


def read_cam(path: Path) -> tuple[float, float, float, float]:
    """Read the intrinsics from a .cam file, which puts the first pixel center at 0.

    Format, little-endian: tag (float32), K (3 x 3 float64), extrinsics (3 x 4 float64).
    """
    with reading(path):
        numbers = np.frombuffer(_after_tag(path), "<f8").tolist()
        if len(numbers) != 9 + 12:
            raise ValueError(f"expected 21 numbers, got {len(numbers)}")
    fx, _, cx, _, fy, cy = numbers[:6]
    return fx, fy, cx + 0.5, cy + 0.5


def _after_tag(path):
    content = path.read_bytes()
    (tag,) = np.frombuffer(content, "<f4", 1)
    if tag != TAG:
        raise ValueError(f"expected the tag {TAG}, got {tag:g}")
    return content[4:]
