"""Photo sphere: whether a file says that its picture is a panorama all around.

By the XMP properties `GPano`, as 360 degree cameras and telephones write them ("Photo Sphere XMP
Metadata", Google).
"""

import re

from PIL import Image


def says_panorama(image: Image.Image) -> bool:
    """Whether a file's metadata tell of an equirectangular picture of which nothing is cropped."""
    told = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    text = told.decode("utf-8", "ignore") if isinstance(told, bytes) else str(told)
    if _value(text, "ProjectionType") != "equirectangular":
        return False
    return all(
        _value(text, f"CroppedAreaImage{side}Pixels") == _value(text, f"FullPano{side}Pixels")
        for side in ("Width", "Height")
    )


def _value(text: str, name: str) -> str | None:
    """A property, which may be an attribute or an element of its own."""
    found = re.search(rf"""GPano:{name}(?:\s*=\s*["']|>)\s*([^"'<\s]+)""", text)
    return found and found[1]
