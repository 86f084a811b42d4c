"""Formatting: bytes, seconds and lengths, as people read them."""

import bpy


def format_bytes(count: float) -> str:
    """`38 MB`, `5.2 GB`: about two digits, decimal units as disks and networks count."""
    units = ("bytes", "kB", "MB", "GB", "TB")
    power = 0
    while count >= 999.5 and power < len(units) - 1:
        count /= 1000
        power += 1
    digits = 1 if power and count < 9.95 else 0
    return f"{count:.{digits}f} {units[power]}"


def format_seconds(seconds: float) -> str:
    """`1:24` minutes, `2:01:24` hours."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def length_text(scene, length):
    """Write a length of so many Blender units, such as `3.2 m`."""
    settings = scene.unit_settings
    # Without a unit system Blender shows its own units, whatever their scale is.
    scale = 1.0 if settings.system == "NONE" else settings.scale_length
    text = bpy.utils.units.to_string(settings.system, "LENGTH", length * scale, precision=4)
    return text.strip()
