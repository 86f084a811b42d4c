"""File notes: what a file is, by its kind or its own words, that Blender does not heed."""

import struct

import bpy
from bpy.app.translations import pgettext_rpt

from ..exr_layout import read_attributes

# x and y of red, green, blue and white, and what Blender calls the color space of it (SMPTE
# ST 2065-1, AMPAS S-2014-004, ITU-R BT.709 and BT.2020, SMPTE RP 431-2).
_SPACES = {
    "Linear Rec.709": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    "ACEScg": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
    "ACES2065-1": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
    "Linear Rec.2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "Linear DCI-P3 D65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}
_SAME = 0.003
_WINDOWS = (b"dataWindow", b"displayWindow")
_OTHER_COLORS = (
    "{name} says that its colors are {space}, but Blender takes them for {taken}: choose the color "
    "space in the image's properties."
)
# Spaces of grading, which the configurations of ACES give to 8-bit files too, by their roles.
_LOG = ("ACEScc", "ACEScct")
_LOG_BYTES = (
    "{name} has 8 bits, but Blender takes its colors for {taken}: choose the color space in the "
    "image's properties, such as sRGB."
)
_OVERSCAN = (
    "{name} has pixels of {width} x {height} for a frame of {frame_width} x {frame_height}; "
    "Blender shows all of them as the picture, and so it was taken."
)


def file_notes(path: str, name: str, image: bpy.types.Image) -> tuple[str, ...]:
    """Sentences about a file's frame and colors, where Blender shows others.

    Args:
        path: Of a file of any kind.
        name: What the file is called.
        image: Which shows it.
    """
    taken = image.colorspace_settings.name
    if not image.is_float and taken in _LOG:
        return (pgettext_rpt(_LOG_BYTES).format(name=name, taken=taken),)
    if not path.lower().endswith(".exr"):
        return ()
    attributes = read_attributes(path)
    notes = []
    try:
        data, frame = (struct.unpack("<4i", attributes[key]) for key in _WINDOWS)
        if data != frame:
            width, height = data[2] - data[0] + 1, data[3] - data[1] + 1
            notes.append(
                pgettext_rpt(_OVERSCAN).format(
                    name=name,
                    width=width,
                    height=height,
                    frame_width=frame[2] - frame[0] + 1,
                    frame_height=frame[3] - frame[1] + 1,
                )
            )
        colors = struct.unpack("<8f", attributes[b"chromaticities"])
    except (KeyError, struct.error):
        return tuple(notes)
    meant = next((each for each in _SPACES if _is_near(colors, _SPACES[each])), None)
    if taken in _SPACES and taken != meant:
        space = meant or pgettext_rpt("of its own primaries")
        notes.append(pgettext_rpt(_OTHER_COLORS).format(name=name, space=space, taken=taken))
    return tuple(notes)


def _is_near(colors: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return all(abs(one - other) < _SAME for one, other in zip(colors, others, strict=True))
