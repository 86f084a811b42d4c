"""Pictures as cameras write them, with EXIF data."""

import numpy as np
from PIL import ExifTags, Image

from sharpdepth_blender.engine.picture import read_picture

SHADES = np.random.default_rng(0).integers(0, 256, (8, 12, 3), dtype=np.uint8)
EXIF = ExifTags.Base


def camera_file(path, size, tags, orientation=1):
    exif = Image.Exif()
    exif[EXIF.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif).update(tags)
    Image.new("RGB", size, (90, 120, 60)).save(path, exif=exif)
    return read_picture(path)
