"""A folder of pictures without ground truth, which is all that distillation needs."""

import json

from PIL import Image

from sharpdepth_blender.engine.picture import FORMATS, read_picture, read_size
from sharpdepth_blender.geometry import Intrinsics

from .files import reading
from .sample import Dataset, DatasetError, Picture


class Pictures(Dataset):
    """All pictures under a folder, upright as EXIF says, with intrinsics where known.

    The intrinsics of a picture come from a .json file of the same name, else from intrinsics.json
    in its folder, else from EXIF (FocalLengthIn35mmFilm), else they are None. The file contains
        {"fx": 525, "fy": 525, "cx": 320, "cy": 240, "width": 640, "height": 480}
    in pixels, with the top-left pixel center at (0.5, 0.5), and is valid for that size only.

    All headers are read on opening, so that a bad file does not abort a long run halfway.

    Raises:
        DatasetError: there are no pictures, or a picture or its intrinsics cannot be used.
    """

    pattern = "picture"

    def _list(self):
        known = Image.registered_extensions()
        suffixes = {suffix for suffix, kind in known.items() if kind in FORMATS}
        paths = sorted(
            path
            for path in self.folder.rglob("*")
            if path.suffix.lower() in suffixes and path.is_file() and not _hidden(path, self.folder)
        )
        problems = [problem for path in paths if (problem := _problem(path))]
        if problems:
            raise DatasetError(f"{problems[0]} ({len(problems)} of {len(paths)} cannot be used)")
        return paths

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


def _hidden(path, folder):
    return any(part[0] == "." for part in path.relative_to(folder).parts)


def _problem(path):
    """Describe the error in a picture's header or intrinsics; None if there is none."""
    try:
        with reading(path):
            width, height = read_size(path)
        _beside(path, width, height)
    except DatasetError as error:
        return str(error)
    return None


def _beside(picture, width, height):
    """Read the intrinsics file for a picture; None if there is none."""
    for path in (picture.with_suffix(".json"), picture.with_name("intrinsics.json")):
        if path.is_file():
            with reading(path):
                camera = Intrinsics(**json.loads(path.read_text(encoding="utf-8-sig")))
            if (camera.width, camera.height) != (width, height):
                raise DatasetError(
                    f"{path} is for {camera.width} x {camera.height} pixels, but {picture.name} "
                    f"is {width} x {height}"
                )
            return camera
    return None
