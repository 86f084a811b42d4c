"""EXIF: how a camera held a picture, and through which lens it took it (CIPA DC-008)."""

import math
import struct

from PIL import ExifTags, Image

from ..geometry.intrinsics import FILM_DIAGONAL

FOCAL_RANGE = (4, 4000)  # mm; a fisheye to a telescope, anything else is a camera's mistake
# What Pillow's decoders raise on a damaged file, besides what they mean to raise.
DAMAGE = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, KeyError, RuntimeError,
    struct.error,
)  # fmt: skip
# Millimeters of a FocalPlaneResolutionUnit; inches where none is given.
_UNITS = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
# Sensors of cameras, mm across: a telephone's front camera to medium format.
_SENSORS = (2.0, 80.0)
# Sides are rounded when a picture is resized, and converters of raw files cut a rim off.
_ROUNDING, _RIM = 1.0, 0.01
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """What makes a picture upright; None where it is."""
    return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))


def focal_35mm(
    image: Image.Image, size: tuple[int, int], name: str, notes: list[str]
) -> float | None:
    """Focal length in mm that gives the same diagonal angle on 36 x 24 mm film.

    Args:
        image: Opened picture.
        size: Width and height of its file.
        name: Of the file.
        notes: Takes a sentence where the data does not fit the picture, or had to be computed.

    Returns:
        The length; None where the data has none that makes sense.
    """
    exif = image.getexif().get_ifd(ExifTags.IFD.Exif)
    focal, computed = _number(exif, ExifTags.Base.FocalLengthIn35mmFilm), False
    if not _makes_sense(focal):
        focal, computed = _by_sensor(exif), True
    if not _makes_sense(focal):
        return None
    taken = _size(exif)
    if taken and _is_cut(taken, size):
        notes.append(
            f"{name} was cropped from {taken[0]:.0f} x {taken[1]:.0f} pixels, so the focal length "
            "in its EXIF data was not used."
        )
        return None
    if computed:
        notes.append(f"The focal length of {name} was computed from the size of its sensor.")
    return focal


def _by_sensor(exif) -> float:
    """From the focal length in mm and the pixels of a millimeter on the sensor."""
    focal = _number(exif, ExifTags.Base.FocalLength)
    across = _number(exif, ExifTags.Base.FocalPlaneXResolution)
    down = _number(exif, ExifTags.Base.FocalPlaneYResolution) or across
    unit = _UNITS.get(exif.get(ExifTags.Base.FocalPlaneResolutionUnit, 2))
    size = _size(exif)
    if not (focal and across and down and unit and size):
        return 0.0
    width, height = size[0] / across * unit, size[1] / down * unit
    if not _SENSORS[0] <= max(width, height) <= _SENSORS[1]:
        return 0.0
    return focal / math.hypot(width, height) * FILM_DIAGONAL


def _size(exif) -> tuple[float, float] | None:
    """The size in pixels that the camera took the picture in, or the last program kept it in."""
    width = _number(exif, ExifTags.Base.ExifImageWidth)
    height = _number(exif, ExifTags.Base.ExifImageHeight)
    return (width, height) if width and height else None


def _is_cut(taken: tuple[float, float], size: tuple[int, int]) -> bool:
    """Whether a size differs from another in proportion, which a resize, or a turn, does not do."""
    slack = _RIM + _ROUNDING / min(*taken, *size)
    turned = size[::-1]
    return all(abs(math.log(taken[0] / taken[1] * h / w)) > slack for w, h in (size, turned))


def _makes_sense(focal: float) -> bool:
    return FOCAL_RANGE[0] <= focal <= FOCAL_RANGE[1]


def _number(exif, tag: int) -> float:
    """A positive number of a tag, 0 where there is none; cameras write 0/0 and 65535, too."""
    try:
        value = float(exif.get(tag, 0))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return value if 0 < value < math.inf and value != 65535 else 0.0
