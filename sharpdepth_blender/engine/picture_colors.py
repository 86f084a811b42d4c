"""The colors of a picture file as 8-bit sRGB, by its ICC profile."""

import io

import numpy as np
from PIL import Image, ImageCms

from .errors import EngineError

_TRANSPARENT = "What is transparent in the picture was put over black."


def to_rgb(image: Image.Image, name: str, notes: list[str]) -> tuple[np.ndarray, bool]:
    """Colors of any kind of image.

    Args:
        image: Loaded picture.
        name: Of its file.
        notes: Takes a sentence for what was changed.

    Returns:
        (H, W, 3) uint8 sRGB, over black, and whether a profile has changed them.
    """
    profile = image.info.get("icc_profile")
    alpha = None
    if image.mode == "F" or image.mode.startswith("I"):
        image = Image.fromarray(_eight_bits(np.asarray(image), name, notes))
    elif image.has_transparency_data:
        is_gray = image.mode in ("LA", "La")
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("RGB").convert("L") if is_gray else image.convert("RGB")
    elif image.mode not in ("L", "CMYK", "LAB"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    if image.mode == "LAB":  # whose values mean the same colors whatever a profile says
        converted = _from_lab(image)
    else:
        converted = _to_srgb(image, profile, name, notes) if profile else None
    rgb = np.array((converted or image).convert("RGB"))
    if alpha is not None and alpha.getextrema()[0] < 255:
        rgb = np.rint(rgb * (np.asarray(alpha, np.float32)[..., None] / 255)).astype(np.uint8)
        notes.append(_TRANSPARENT)
    return rgb, converted is not None


def _from_lab(image: Image.Image) -> Image.Image:
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
    return ImageCms.applyTransform(image, transform)


def _to_srgb(image: Image.Image, profile: bytes, name: str, notes: list[str]) -> Image.Image | None:
    """An RGB, L or CMYK image in sRGB; None if its profile says that it is, or is broken."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() == "GRAY" and _is_gray(image):
            image = image.convert("L")  # which a palette or RGB of equal parts may hold
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


def _is_gray(image: Image.Image) -> bool:
    """Whether an image of RGB has no colors."""
    if image.mode != "RGB":
        return False
    red, green, blue = (np.asarray(each) for each in image.split())
    return np.array_equal(red, green) and np.array_equal(red, blue)


def _is_identity(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether a transform of RGB leaves all colors as they are, within one step of 255."""
    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(9, 81, 3)
    changed = np.asarray(ImageCms.applyTransform(Image.fromarray(cube), transform))
    return int(np.abs(changed.astype(int) - cube).max()) <= 1


def _eight_bits(gray: np.ndarray, name: str, notes: list[str]) -> np.ndarray:
    """Gray values of more than 8 bits as uint8.

    Integers are taken for 16 bits and floats for 0..1; where the values do not fit that, their own
    range is stretched.
    """
    if not np.isfinite(gray).all():
        raise EngineError("bad_image", f"{name} contains NaN or infinite values.")
    low, high = 0, 1 if gray.dtype.kind == "f" else 65535
    if gray.min() < low or gray.max() > high:
        low, high = gray.min(), gray.max()
        notes.append(f"{name} contains values from {low} to {high}; they were stretched.")
    span = max(high - low, 1e-30)
    return np.rint((gray.astype(np.float64) - low) * (255 / span)).clip(0, 255).astype(np.uint8)
