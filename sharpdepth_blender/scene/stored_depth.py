"""Stored depth: the depth maps of a result as its file keeps them. numpy only, for any thread."""

from dataclasses import dataclass

import numpy as np

from ..geometry import Intrinsics, thin, valid_depth
from .picture import depth_file, normals_file

# Vertex indices are computed in single precision, which is exact up to 4096 squared. So a live
# surface has no more samples along a side, and more pixels would never be seen.
MOST_SAMPLES = 4096


@dataclass(frozen=True)
class StoredDepth:
    """Depth maps of a result.

    Attributes:
        depth: (H, W) float32 meters, holes 0.
        file: What the image of it packs.
        metric_file: Likewise of the metric depth; None where it is the same.
        intrinsics: Of that size.
        nearest: Smallest depth, meters; None where there are only holes.
        farthest: Largest one, likewise.
        images: Session uids of images that have been made of the files, of the depth first; the
            others are still to be made.
        picture_file: What a copy of the picture packs, where that is there already.
        normals_file: What the image of the normals packs; None where the model gave none.
    """

    depth: np.ndarray
    file: bytes
    metric_file: bytes | None
    intrinsics: Intrinsics
    nearest: float | None
    farthest: float | None
    images: tuple[int, ...] = ()
    picture_file: bytes | None = None
    normals_file: bytes | None = None

    @property
    def files(self) -> dict[str, bytes]:
        """Of each image by what it is called after the plate, of the depth first."""
        named = {
            "depth": self.file,
            "metric depth": self.metric_file,
            "normals": self.normals_file,
        }
        return {title: file for title, file in named.items() if file is not None}


def store_depth(
    depth: np.ndarray,
    metric_depth: np.ndarray,
    intrinsics: Intrinsics,
    normals: np.ndarray | None = None,
) -> StoredDepth:
    """Prepare depth maps to be kept, at most `MOST_SAMPLES` pixels along the longer side.

    Larger ones are thinned to that: each pixel is one of the old ones, bit for bit.

    Args:
        depth: (H, W) float32 meters; holes are 0 or not finite.
        metric_depth: Likewise.
        intrinsics: Of that size.
        normals: (H, W, 3) unit normals in Blender's camera space, towards the camera, 0 where
            unknown; None where nobody knows them.

    Raises:
        ValueError: An array does not fit the intrinsics.
    """
    size = (intrinsics.height, intrinsics.width)
    maps, smaller = [], intrinsics
    for each in (depth, metric_depth):
        each = np.asarray(each)
        if each.shape != size:
            raise ValueError(f"Depth must be of shape {size}, not {each.shape}.")
        if max(size) > MOST_SAMPLES:
            each, smaller = thin(each, intrinsics, MOST_SAMPLES)
        each = np.asarray(each, np.float32)
        valid = valid_depth(each)
        maps.append(each if valid.all() else np.where(valid, each, np.float32(0)))
    kept, metric = maps
    if normals is not None and max(size) > MOST_SAMPLES:
        normals, _ = thin(normals, intrinsics, MOST_SAMPLES)
    some = kept[kept > 0]
    return StoredDepth(
        kept,
        depth_file(kept),
        None if np.array_equal(kept, metric) else depth_file(metric),
        smaller,
        float(some.min()) if some.size else None,
        float(some.max()) if some.size else None,
        normals_file=None if normals is None else normals_file(normals),
    )
