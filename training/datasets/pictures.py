"""Any folder of pictures, which is all that distillation needs."""

import json

from PIL import Image

from sharpdepth_blender.engine.picture import FORMATS, read_picture
from sharpdepth_blender.geometry import Intrinsics

from .files import reading
from .sample import Dataset, DatasetError, Picture


class Pictures(Dataset):
    """All pictures below a folder, turned upright, with their intrinsics as far as known.

    A picture's intrinsics are those of the .json file of its name, else of intrinsics.json beside
    it, else of its EXIF data (FocalLengthIn35mmFilm), else None. Such a file says
        {"fx": 525, "fy": 525, "cx": 320, "cy": 240, "width": 640, "height": 480}
    in pixels, the centre of the top-left one at (0.5, 0.5), of pictures of that size.
    """

    pattern = "picture"

    def _list(self):
        known = Image.registered_extensions()
        suffixes = {suffix for suffix, kind in known.items() if kind in FORMATS}
        return sorted(
            path
            for path in self.folder.rglob("*")
            if path.suffix.lower() in suffixes and path.is_file() and path.name[0] != "."
        )

    def _read(self, entry):
        with reading(entry):
            picture = read_picture(entry)
        height, width = picture.rgb.shape[:2]
        camera = _beside(entry, width, height)
        if camera is None and picture.focal_35mm:
            camera = Intrinsics.from_focal_35mm(picture.focal_35mm, width, height)
        if camera is not None:
            camera = (camera.fx, camera.fy, camera.cx, camera.cy)
        name = entry.relative_to(self.folder).as_posix()
        return Picture(name=name, rgb=picture.rgb, intrinsics=camera)


def _beside(picture, width, height):
    """Read the intrinsics that lie beside a picture, None without any."""
    for path in (picture.with_suffix(".json"), picture.with_name("intrinsics.json")):
        if path.is_file():
            with reading(path):
                camera = Intrinsics(**json.loads(path.read_text()))
            if (camera.width, camera.height) != (width, height):
                raise DatasetError(
                    f"{path} is for {camera.width} x {camera.height} pixels, but {picture.name} "
                    f"has {width} x {height}"
                )
            return camera
    return None
