"""Reading picture files as they look in a viewer."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from .errors import EngineError

# An allow list, because Pillow also reads formats that start other programs (EPS) or make no sense.
FORMATS = "AVIF BMP GIF JPEG JPEG2000 MPO PNG PPM TGA TIFF WEBP".split()
_TRANSPARENT = "What is transparent in the picture was put over black."
FOCAL_RANGE = (4, 4000)  # mm; fisheye to telescope, anything else is an error in the EXIF data
# Exceptions that Pillow's decoders raise on damaged files, besides the documented ones.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, KeyError, struct.error)


@dataclass(frozen=True)
class Picture:
    """A picture as engine input.

    Attributes:
        rgb: (H, W, 3) uint8 sRGB, upright, H and W at least 2.
        turned: Whether the file has it turned or mirrored, as EXIF orientation says.
        converted: Whether the file has it in other colors, as its ICC profile says.
        focal_35mm: 35 mm equivalent focal length in mm (same diagonal angle of view on 36 x 24 mm
            film), from EXIF; None if unknown.
        notes: One sentence for everything that was dropped or changed.
    """

    rgb: np.ndarray
    turned: bool
    converted: bool
    focal_35mm: float | None
    notes: list[str]


def read_picture(path, ignore_alpha: bool = False) -> Picture:
    """Read a JPEG, PNG, TIFF, WebP, BMP, GIF, TGA, JPEG 2000, AVIF or PPM file.

    EXIF orientation is applied, and colors are converted from their ICC profile to sRGB. 16 bits
    are scaled to 8, not clipped. Of an animation the first frame is taken. What is transparent is
    put over black.

    Args:
        path: Of the file.
        ignore_alpha: Whether the fourth channel means something else, as in some datasets.

    Raises:
        EngineError: `unknown_format` for a file that is none of these, else `bad_image`, with a
            sentence that names the file.
    """
    with _opened(path) as (image, name):
        return _convert(image, name, ignore_alpha)


def read_size(path) -> tuple[int, int]:
    """Read the upright width and height of a picture from its header.

    Raises:
        EngineError: As of `read_picture`.
    """
    with _opened(path) as (image, _):
        try:
            lying = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
        except DAMAGE:
            lying = False
        width, height = image.size
        return (height, width) if lying else (width, height)


@contextmanager
def _opened(path) -> Iterator[tuple[Image.Image, str]]:
    """Open a picture and give it with its name; whatever is wrong with it is an `EngineError`."""
    path = Path(path)
    name = path.name or str(path)
    if path.is_dir():
        raise EngineError("bad_image", f"{name} is a folder, not a picture.")
    if not path.exists():
        raise EngineError("bad_image", f"File not found: {path}.")
    if path.stat().st_size == 0:
        raise EngineError("bad_image", f"{name} is an empty file.")
    try:
        with warnings.catch_warnings():
            # Pillow warns about large pictures (large cameras reach half of its pixel limit) and
            # about damage that it can work around; other damage raises an exception.
            warnings.simplefilter("ignore")
            Image.init()
            formats = [name for name in FORMATS if name in Image.OPEN]
            with Image.open(path, formats=formats) as image:
                yield image, name
    except UnidentifiedImageError as error:
        raise EngineError(
            "unknown_format", f"{name} is not a picture, or its format is not supported."
        ) from error
    except Image.DecompressionBombError as error:
        limit = 2 * Image.MAX_IMAGE_PIXELS // 1_000_000
        raise EngineError("bad_image", f"{name} has more than {limit} megapixels.") from error
    except PermissionError as error:
        raise EngineError("bad_image", f"No permission to read {name}.") from error
    except DAMAGE as error:
        raise EngineError("bad_image", f"{name} is damaged or truncated: {error}.") from error


def _convert(image: Image.Image, name: str, ignore_alpha: bool) -> Picture:
    """Turn an opened image into a `Picture`."""
    width, height = image.size
    if min(width, height) < 2:
        raise EngineError(
            "bad_image", f"{name} is {width} x {height} pixels, but a surface needs at least 2 x 2."
        )
    notes = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # the extra frames of MPO are added by cameras
        notes.append(f"{name} contains {frames} pictures; the first one is used.")
    image.load()
    turned = False
    try:
        focal = _focal_35mm(image)
        turned = image.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9)
        image = ImageOps.exif_transpose(image)
    except DAMAGE:
        focal = None
        notes.append(f"The EXIF data of {name} is damaged and was ignored.")
    if ignore_alpha and image.has_transparency_data:
        image = image.convert("RGBA").convert("RGB")
    rgb, converted = _rgb(image, name, notes)
    return Picture(rgb, turned, converted, focal, notes)


def _rgb(image: Image.Image, name: str, notes: list[str]) -> tuple[np.ndarray, bool]:
    """Colors of any kind of image as (H, W, 3) uint8, and whether a profile has changed them."""
    if image.mode == "F" or image.mode.startswith("I"):
        gray = _eight_bits(np.asarray(image), name, notes)
        return np.repeat(gray[:, :, None], 3, axis=2), False
    profile = image.info.get("icc_profile")
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("RGB")
    elif image.mode not in ("L", "CMYK"):
        image = image.convert("RGB")
    converted = _to_srgb(image, profile, name, notes) if profile else None
    rgb = np.array((converted or image).convert("RGB"))
    if alpha is not None and alpha.getextrema()[0] < 255:
        rgb = np.rint(rgb * (np.asarray(alpha, np.float32)[..., None] / 255)).astype(np.uint8)
        notes.append(_TRANSPARENT)
    return rgb, converted is not None


def _to_srgb(image: Image.Image, profile: bytes, name: str, notes: list[str]) -> Image.Image | None:
    """An RGB, L or CMYK image in sRGB; None if its profile says that it is, or is broken."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            image.mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if image.mode == "RGB" and _is_identity(transform):
            return None
        description = ImageCms.getProfileDescription(source).strip()
        converted = ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        notes.append(f"The color profile of {name} cannot be read and was ignored.")
        return None
    space = description or "its profile"
    notes.append(f"The colors of {name} were converted from {space} to sRGB.")
    return converted


def _is_identity(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether a transform of RGB leaves all colors as they are, within one step of 255."""
    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(9, 81, 3)
    changed = np.asarray(ImageCms.applyTransform(Image.fromarray(cube), transform))
    return int(np.abs(changed.astype(int) - cube).max()) <= 1


def _eight_bits(gray: np.ndarray, name: str, notes: list[str]) -> np.ndarray:
    """Convert gray values of more than 8 bits to uint8.

    Integers are assumed to be 16-bit and floats to be in 0..1; other values are stretched from
    their own range.
    """
    if not np.isfinite(gray).all():
        raise EngineError("bad_image", f"{name} contains NaN or infinite values.")
    low, high = 0, 1 if gray.dtype.kind == "f" else 65535
    if gray.min() < low or gray.max() > high:
        low, high = gray.min(), gray.max()
        notes.append(f"{name} contains values from {low} to {high}; they were stretched.")
    span = max(high - low, 1e-30)
    return np.rint((gray.astype(np.float64) - low) * (255 / span)).clip(0, 255).astype(np.uint8)


def _focal_35mm(image: Image.Image) -> float | None:
    """Return `FocalLengthIn35mmFilm` from EXIF, mm, if plausible."""
    exif = image.getexif().get_ifd(ExifTags.IFD.Exif)
    focal = float(exif.get(ExifTags.Base.FocalLengthIn35mmFilm, 0))
    return focal if FOCAL_RANGE[0] <= focal <= FOCAL_RANGE[1] else None
