"""A generic folder of RGB-D pictures."""

import json

import numpy as np

from .files import read_npy, read_rgb, read_sixteen_bits, reading
from .sample import Dataset, Sample, between


class Rgbd(Dataset):
    """Nested folders with one meta.json each; every folder is a scene.

    meta.json names the files beside it and gives their units:
        {"rgb": "rgb.jpg", "depth": "depth.png", "depth_scale_m": 0.001,
         "intrinsics": {"fx": 525.0, "fy": 525.0, "cx": 319.5, "cy": 239.5},
         "valid_range_m": [0.4, 8.0]}
    Depth is a 16-bit PNG or a .npy file; z-depth in meters is the stored value times
    `depth_scale_m`, with 0 or NaN where nothing was measured. The intrinsics put the first pixel
    center at 0 and may be null; the range is optional. A folder whose depth is null is skipped.
    """

    pattern = "**/meta.json with a depth map"

    def _list(self):
        paths = sorted(self.folder.glob("**/meta.json"))
        return [(path, meta) for path in paths if (meta := _read_meta(path)).get("depth")]

    def _read(self, entry):
        path, meta = entry
        folder = path.parent
        with reading(path):
            truth, rgb = folder / meta["depth"], folder / meta["rgb"]
            scale = np.float32(float(meta["depth_scale_m"]))
            if not 0 < scale < np.inf:
                raise ValueError(f"depth_scale_m is {scale}")
            nearest, farthest = map(float, meta.get("valid_range_m", (0, np.inf)))
            camera = meta["intrinsics"]
            if camera:
                fx, fy, cx, cy = (float(camera[name]) for name in ("fx", "fy", "cx", "cy"))
                camera = (fx, fy, cx + 0.5, cy + 0.5)
        stored = read_npy(truth) if truth.suffix == ".npy" else read_sixteen_bits(truth)
        depth = np.nan_to_num(stored * scale, nan=0, posinf=0).clip(0).astype(np.float32)
        name = folder.relative_to(self.folder).as_posix()
        return Sample(
            name=name,
            scene=name,
            rgb=read_rgb(rgb),
            depth=depth,
            valid=between(depth, nearest, farthest),
            intrinsics=camera,
        )


def _read_meta(path):
    with reading(path):
        return dict(json.loads(path.read_text()))
