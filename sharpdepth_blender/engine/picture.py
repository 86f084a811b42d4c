"""Reading a picture file the way it looks in a viewer."""

import struct
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from .errors import EngineError

# Named, because Pillow knows formats that start other programs (EPS) or that nobody means here.
FORMATS = "AVIF BMP GIF JPEG JPEG2000 MPO PNG PPM TGA TIFF WEBP".split()
FOCAL_RANGE = (4, 4000)  # mm; a fisheye to a telescope, anything else is a camera's mistake
# What Pillow's decoders raise on a damaged file, besides what they mean to raise.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, KeyError, struct.error)


@dataclass(frozen=True)
class Picture:
    """A picture as the engine takes it.

    Attributes:
        rgb: (H, W, 3) uint8, upright, H and W at least 2.
        focal_35mm: Focal length in mm that gives the same diagonal angle on 36 x 24 mm film, from
            EXIF; None when it is not known.
        notes: A sentence for everything that was left out or changed.
    """

    rgb: np.ndarray
    focal_35mm: float | None
    notes: list[str]


def read_picture(path) -> Picture:
    """Read a JPEG, PNG, TIFF, WebP, BMP, GIF, TGA, JPEG 2000, AVIF or PPM file.

    EXIF orientation is applied. 16 bits are scaled to 8, not clipped. Of an animation the first
    frame is taken. Alpha is dropped and the color under it kept as stored: it is most often the
    photograph around a cut-out, which tells more about depth than any background put in its place.

    Raises:
        EngineError: `bad_image`, with a sentence that names the file.
    """
    with _opened(path) as (image, name):
        return _convert(image, name)


def read_size(path) -> tuple[int, int]:
    """Read width and height of a picture, upright, from its header alone.

    Raises:
        EngineError: `bad_image`, with a sentence that names the file.
    """
    with _opened(path) as (image, _):
        try:
            lying = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
        except DAMAGE:
            lying = False
        width, height = image.size
        return (height, width) if lying else (width, height)


@contextmanager
def _opened(path):
    """Open a picture and give it with its name; whatever is wrong with it is `bad_image`."""
    path = Path(path)
    name = path.name or str(path)
    if path.is_dir():
        raise EngineError("bad_image", f"{name} is a folder, not a picture.")
    if not path.exists():
        raise EngineError("bad_image", f"There is no file {path}.")
    if path.stat().st_size == 0:
        raise EngineError("bad_image", f"{name} is an empty file.")
    try:
        with warnings.catch_warnings():
            # Pillow warns of what is no fault (large cameras reach half of its pixel limit) and of
            # damage that it gets round; damage that it cannot get round is an exception.
            warnings.simplefilter("ignore")
            Image.init()
            formats = [name for name in FORMATS if name in Image.OPEN]
            with Image.open(path, formats=formats) as image:
                yield image, name
    except UnidentifiedImageError as error:
        raise EngineError(
            "bad_image", f"{name} is not a picture, or of a kind that cannot be read."
        ) from error
    except Image.DecompressionBombError as error:
        limit = 2 * Image.MAX_IMAGE_PIXELS // 1_000_000
        raise EngineError("bad_image", f"{name} has more than {limit} megapixels.") from error
    except PermissionError as error:
        raise EngineError("bad_image", f"{name} may not be read by this user.") from error
    except DAMAGE as error:
        raise EngineError("bad_image", f"{name} is damaged or cut short: {error}.") from error


def _convert(image: Image.Image, name: str) -> Picture:
    """Turn an opened image into a `Picture`."""
    width, height = image.size
    if min(width, height) < 2:
        raise EngineError(
            "bad_image", f"{name} is {width} x {height} pixels, but a surface needs at least 2 x 2."
        )
    notes = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # there the others are a camera's extras
        notes.append(f"{name} holds {frames} pictures; the first one is used.")
    image.load()
    try:
        focal = _focal_35mm(image)
        image = ImageOps.exif_transpose(image)
    except DAMAGE:
        focal = None
        notes.append(f"The EXIF data of {name} is damaged and was not used.")
    return Picture(_rgb(image, name, notes), focal, notes)


def _rgb(image: Image.Image, name: str, notes: list[str]) -> np.ndarray:
    """Colors of any kind of image as (H, W, 3) uint8."""
    if image.mode == "F" or image.mode.startswith("I"):
        gray = _eight_bits(np.asarray(image), name, notes)
        return np.repeat(gray[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getextrema()[3][0] < 255:
            notes.append(f"The transparency of {name} was left out; the color under it is used.")
        return np.array(image)[:, :, :3].copy()
    return np.array(image.convert("RGB"))


def _eight_bits(gray: np.ndarray, name: str, notes: list[str]) -> np.ndarray:
    """Gray values of more than 8 bits as uint8.

    Integers are taken for 16 bits and floats for 0..1; where the values do not fit that, their own
    range is stretched.
    """
    if not np.isfinite(gray).all():
        raise EngineError("bad_image", f"{name} holds values that are NaN or infinite.")
    low, high = 0, 1 if gray.dtype.kind == "f" else 65535
    if gray.min() < low or gray.max() > high:
        low, high = gray.min(), gray.max()
        notes.append(f"{name} holds values from {low} to {high}; they were stretched.")
    span = max(high - low, 1e-30)
    return np.rint((gray.astype(np.float64) - low) * (255 / span)).clip(0, 255).astype(np.uint8)


def _focal_35mm(image: Image.Image) -> float | None:
    """`FocalLengthIn35mmFilm` of the EXIF data, mm, where it makes sense."""
    exif = image.getexif().get_ifd(ExifTags.IFD.Exif)
    focal = float(exif.get(ExifTags.Base.FocalLengthIn35mmFilm, 0))
    return focal if FOCAL_RANGE[0] <= focal <= FOCAL_RANGE[1] else None
