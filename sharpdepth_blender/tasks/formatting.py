"""Formatting of bytes, seconds and lengths."""

import bpy

from ..scene.units import meters_per_unit


def format_bytes(count: float) -> str:
    """Format bytes like `38 MB` or `5.2 GB`: about two digits, in decimal units."""
    units = ("bytes", "kB", "MB", "GB", "TB")
    power = 0
    while count >= 999.5 and power < len(units) - 1:
        count /= 1000
        power += 1
    digits = 1 if power and count < 9.95 else 0
    return f"{count:.{digits}f} {units[power]}"


def format_seconds(seconds: float) -> str:
    """Format a duration like `45 s`, `11 min` or `1 h 20 min`, which no clock shows."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")
    return " ".join(filter(None, parts))


def length_text(scene, length):
    """Format a length in Blender units, such as `3.2 m`."""
    settings = scene.unit_settings
    length = length * meters_per_unit(scene)
    text = bpy.utils.units.to_string(settings.system, "LENGTH", length, precision=4)
    return text.strip()
