"""Bytes and seconds, as people read them."""


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
