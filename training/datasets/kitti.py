"""KITTI, the Eigen test split with the annotated depth of Uhrig et al. (2017)."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from .files import read_rgb, read_sixteen_bits, reading
from .sample import Dataset, DatasetError, Sample, between

NEAREST, FARTHEST = 1e-5, 80.0  # meters
UNITS_PER_METER = 256
CROP_HEIGHT, CROP_WIDTH = 352, 1216  # KITTI benchmark crop: bottom rows, center columns
# Crop of Eigen et al. (2014) as fractions of the cropped picture: top, bottom, left, right.
WINDOW = (0.3324324, 0.91351351, 0.0359477, 0.96405229)


class Kitti(Dataset):
    """The Eigen split, cropped and masked as in the evaluations of Marigold and SharpDepth.

    Folder layout:
        eigen_test_files_with_gt.txt      per line: picture, depth map or "None", focal length
        2011_09_26/calib_cam_to_cam.txt   one per day
        2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png
        2011_09_26_drive_0002_sync/proj_depth/groundtruth/image_02/0000000069.png
    The depth maps may also be under train/ and val/, as the archives unpack. Pictures without
    depth are skipped; rgb and depth are cropped to 1216 x 352. A scene is a drive.
    """

    pattern = "picture with depth in eigen_test_files_with_gt.txt"

    def _list(self):
        path = self.folder / "eigen_test_files_with_gt.txt"
        with reading(path):
            pairs = [line.split()[:2] for line in path.read_text().splitlines() if line.strip()]
            listed = [(Path(rgb), Path(depth)) for rgb, depth in pairs if depth != "None"]
            for picture, _ in listed:
                if len(picture.parts) != 5:
                    raise ValueError(f"{picture} is not of the form day/drive/camera/data/picture")
            return listed

    def _read(self, entry):
        picture, truth = entry
        day, drive, camera = picture.parts[:3]
        depth = read_sixteen_bits(self._truth(truth)).astype(np.float32) / UNITS_PER_METER
        whole = Sample(
            name=picture.as_posix(),
            scene=drive,
            rgb=read_rgb(self.folder / picture),
            depth=depth,
            valid=between(depth, NEAREST, FARTHEST),
            intrinsics=self._intrinsics(day, camera),
        )
        return _cropped(whole)

    def _truth(self, path):
        candidates = [self.folder / part / path for part in ("", "train", "val")]
        return next((path for path in candidates if path.is_file()), candidates[0])

    def _intrinsics(self, day, camera):
        """Read the rectified camera; KITTI puts the first pixel center at 0."""
        path = self.folder / day / "calib_cam_to_cam.txt"
        with reading(path):
            lines = dict(line.split(":", 1) for line in path.read_text().splitlines() if line)
            projection = lines[f"P_rect_{camera.removeprefix('image_')}"].split()
            fx, _, cx, _, _, fy, cy = map(float, projection[:7])
        return fx, fy, cx + 0.5, cy + 0.5


def _cropped(whole):
    """Apply the benchmark crop to a sample and restrict its valid pixels to the Eigen crop."""
    height, width = whole.depth.shape
    top, left = height - CROP_HEIGHT, (width - CROP_WIDTH) // 2
    if top < 0 or left < 0:
        raise DatasetError(f"{whole.name} is {width} x {height}, smaller than the benchmark crop")
    inside = np.s_[top : top + CROP_HEIGHT, left : left + CROP_WIDTH]
    fx, fy, cx, cy = whole.intrinsics
    return replace(
        whole,
        rgb=whole.rgb[inside],
        depth=whole.depth[inside],
        valid=whole.valid[inside] & _window(),
        intrinsics=(fx, fy, cx - left, cy - top),
    )


def _window():
    """Return the mask of the Eigen crop within the benchmark crop."""
    top, bottom = (int(share * CROP_HEIGHT) for share in WINDOW[:2])
    left, right = (int(share * CROP_WIDTH) for share in WINDOW[2:])
    window = np.zeros((CROP_HEIGHT, CROP_WIDTH), bool)
    window[top:bottom, left:right] = True
    return window
