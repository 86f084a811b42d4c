"""Number formatting for the page."""

import numpy as np

from ..metrics import MEASURES

NONE = "–"  # not measurable or not available


def figure(value: float | None, name: str) -> str:
    """Format a metric as is customary: fractions in percent, pixels to 0.01."""
    if value is None:
        return NONE
    if name.startswith("delta"):
        return _signed(f"{100 * value:.1f}")
    return _signed(f"{value:.2f}" if MEASURES[name].unit in ("px", "%") else f"{value:.3f}")


def unit(name: str) -> str:
    """Return the unit that `figure` uses for a metric; "" if it has none."""
    return "%" if name.startswith("delta") else MEASURES[name].unit


def meters(value: float) -> str:
    """Format a distance with three significant digits, never with an exponent."""
    return np.format_float_positional(value, 3, unique=False, fractional=False, trim="-")


def whole(value: float) -> str:
    """Format an integer with narrow spaces between thousands."""
    return f"{value:,.0f}".replace(",", "\u202f")


def plain(value: float, digits: int = 6) -> str:
    """Format any number compactly."""
    return _signed(f"{value:.{digits}g}".replace("e-0", "e-").replace("e+0", "e"))


def _signed(text):
    """Replace the hyphen with a minus sign, and drop it before zero."""
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")
