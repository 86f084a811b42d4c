"""Reading a picture file the way it looks in a viewer."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import psutil
from PIL import Image, UnidentifiedImageError

from ..geometry.reduction import MOST_DECODED, REDUCED, reduced_size, reduction
from .embedded_depth import embedded_depth
from .errors import EngineError, reason_of
from .exif import DAMAGE, focal_35mm, turn_of
from .photo_sphere import says_panorama
from .picture_colors import to_rgb

# Named, because Pillow knows formats that start other programs (EPS) or that nobody means here.
FORMATS = "AVIF BMP GIF JPEG JPEG2000 MPO PNG PPM TGA TIFF WEBP".split()
# Bytes of a pixel in Pillow's memory, and of the most that may be taken of what is free.
_BYTES = {"L": 1, "P": 1, "1": 1, "I;16": 2, "I;16B": 2, "LA": 4}
_SHARE = 0.5
# What begins a HEIF file after its size: pictures of telephones, and their kinds.
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif"}


@dataclass(frozen=True)
class Picture:
    """A picture as the engine takes it.

    Attributes:
        rgb: (H, W, 3) uint8 sRGB, upright, H and W at least 2.
        turned: Whether the file has it turned or mirrored, as EXIF orientation says.
        converted: Whether the file has it in other colors, as its ICC profile says.
        full_size: Width and height in the file, upright, where that has more pixels; else None.
        focal_35mm: 35 mm equivalent focal length in mm (same diagonal angle of view on 36 x 24 mm
            film), from EXIF; None if unknown.
        notes: One sentence for everything that was dropped or changed.
        depth: (h, w) float32 meters that were measured with the picture, holes 0, of its
            proportions; None where the file holds none.
        around: Whether the file says that it is an equirectangular panorama.
    """

    rgb: np.ndarray
    turned: bool
    converted: bool
    full_size: tuple[int, int] | None
    focal_35mm: float | None
    notes: list[str]
    depth: np.ndarray | None = None
    around: bool = False


def read_picture(path, ignore_alpha: bool = False) -> Picture:
    """Read a JPEG, PNG, TIFF, WebP, BMP, GIF, TGA, JPEG 2000, AVIF, HEIC or PPM file.

    EXIF orientation is applied, and colors are converted from their ICC profile to sRGB. 16 bits
    are scaled to 8, not clipped. Of an animation the first frame is taken. What is transparent is
    put over black. A picture of more than 178 megapixels is read smaller, with a note.

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
    """Width and height that `read_picture` gives, upright, from a file's header alone.

    Raises:
        EngineError: As of `read_picture`.
    """
    with _opened(path) as (image, _):
        try:
            turn = turn_of(image)
        except DAMAGE:
            turn = None
        width, height = reduced_size(*image.size)
        lies = turn is not None and turn not in _UPRIGHT
        return (height, width) if lies else (width, height)


@contextmanager
def _opened(path) -> Iterator[tuple[Image.Image, str]]:
    """Open a picture and give it with its name; whatever is wrong with it is an `EngineError`."""
    path = Path(path)
    name = path.name or str(path)
    if path.is_dir():
        raise EngineError("bad_image", f"{name} is a folder, not a picture.")
    if not path.exists():
        raise EngineError("bad_image", f"File not found: {path}.")
    if not path.is_file():
        raise EngineError("bad_image", f"{name} is a device or a pipe, not a picture.")
    if path.stat().st_size == 0:
        raise EngineError("bad_image", f"{name} is an empty file.")
    try:
        with warnings.catch_warnings():
            # Pillow warns of what is no fault (large cameras reach half of its pixel limit) and of
            # damage that it gets round; damage that it cannot get round is an exception.
            warnings.simplefilter("ignore")
            Image.init()
            wanted = [*FORMATS, "HEIF"] if _register_heif() else FORMATS
            formats = [name for name in wanted if name in Image.OPEN]
            with _any_size(), Image.open(path, formats=formats) as image:
                yield image, name
    except UnidentifiedImageError as error:
        if _is_heif(path) and not _register_heif():
            text = f"{name} is a HEIC picture, for which the engine lacks the package pillow-heif."
        else:
            text = f"{name} is not a picture, or its format is not supported."
        raise EngineError("unknown_format", text) from error
    except MemoryError as error:
        raise EngineError("bad_image", f"{name} does not fit into memory.") from error
    except PermissionError as error:
        raise EngineError("bad_image", f"No permission to read {name}.") from error
    except DAMAGE as error:
        # What a decoder says is told where it is in words.
        reason = reason_of(error)
        why = f": {reason}" if re.fullmatch(r"[A-Za-z0-9 ,()-]+", reason) else ""
        raise EngineError("bad_image", f"{name} is damaged or truncated{why}.") from error


@contextmanager
def _any_size() -> Iterator[None]:
    """Have Pillow open what it takes for an attack: what is too large is not decoded as a whole."""
    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = most


@cache
def _register_heif() -> bool:
    """Have Pillow read HEIC, if the package is there."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _is_heif(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(12)
    return start[4:8] == b"ftyp" and start[8:12] in _HEIF


def _convert(image: Image.Image, name: str, ignore_alpha: bool) -> Picture:
    """Turn an opened image into a `Picture`."""
    width, height = image.size
    if min(width, height) < 2:
        raise EngineError(
            "bad_image", f"{name} is {width} x {height} pixels, but a surface needs at least 2 x 2."
        )
    notes: list[str] = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # the extra frames of MPO are added by cameras
        notes.append(f"{name} contains {frames} pictures; the first one is used.")
    smaller = _load(image, name)
    focal, turn = None, None
    try:
        # Of what was decoded smaller the size is not the file's any more.
        focal = focal_35mm(image, (width, height), name, notes)
        turn = turn_of(image)
    except DAMAGE:
        notes.append(f"The EXIF data of {name} is damaged and was ignored.")
    if turn is not None:
        smaller = smaller.transpose(turn)
    full_size = None
    if reduction(width, height) > 1:
        if turn is not None and turn not in _UPRIGHT:
            width, height = height, width
        full_size = width, height
        numbers = dict(width=width, height=height, smaller=smaller.width, lower=smaller.height)
        notes.append(REDUCED.format(name=name, **numbers))
    if ignore_alpha and smaller.has_transparency_data:
        smaller = smaller.convert("RGBA").convert("RGB")
    rgb, converted = to_rgb(smaller, name, notes)
    depth = embedded_depth(image.info.get("depth_images", ()), name, notes)
    around = says_panorama(image)
    return Picture(rgb, turn is not None, converted, full_size, focal, notes, depth, around)


# Turns that leave width and height as they are.
_UPRIGHT = {
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.ROTATE_180,
}


def _load(image: Image.Image, name: str) -> Image.Image:
    """Decode an image, and make it smaller if it is too large: JPEG already while it is read."""
    full = image.size
    size = reduced_size(*full)
    factor = reduction(*full)
    if factor > 1:
        # To a half, a quarter or an eighth; other kinds have no such way.
        image.draft(None, (full[0] // min(factor, 8), full[1] // min(factor, 8)))
    _check_room(image, name, full)
    image.load()
    if image.size == size:
        return image
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK", "F"):
        return image.reduce(-(-image.width // size[0]))
    return image.resize(size, Image.Resampling.NEAREST)


def _check_room(image: Image.Image, name: str, full: tuple[int, int]) -> None:
    """Make sure that decoding an image leaves memory for others."""
    pixels = image.width * image.height
    megapixels = full[0] * full[1] // 1_000_000
    if pixels > MOST_DECODED:
        raise EngineError(
            "bad_image",
            f"{name} has {megapixels} megapixels, too many for this computer: save it smaller.",
        )
    if pixels * _BYTES.get(image.mode, 4) > _SHARE * psutil.virtual_memory().available:
        raise EngineError(
            "bad_image",
            f"{name} has {megapixels} megapixels, for which not enough memory is free: close other "
            "programs, or save it smaller.",
        )
