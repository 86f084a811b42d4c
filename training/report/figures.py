"""Numbers as the page writes them."""

import numpy as np

from ..metrics import MEASURES

NONE = "–"  # what could not be measured, or is not there


def figure(value: float | None, name: str) -> str:
    """Write a value of a measure as its readers expect: shares in per cent, pixels to 0.01."""
    if value is None:
        return NONE
    if name.startswith("delta"):
        return _signed(f"{100 * value:.1f}")
    return _signed(f"{value:.2f}" if MEASURES[name].unit in ("px", "%") else f"{value:.3f}")


def unit(name: str) -> str:
    """Return the unit in which `figure` writes a measure; "" if it has none."""
    return "%" if name.startswith("delta") else MEASURES[name].unit


def meters(value: float) -> str:
    """Write a distance to three digits, never with an exponent."""
    return np.format_float_positional(value, 3, unique=False, fractional=False, trim="-")


def whole(value: float) -> str:
    """Write a whole number with a narrow space between thousands."""
    return f"{value:,.0f}".replace(",", "\u202f")


def plain(value: float, digits: int = 6) -> str:
    """Write any number shortly."""
    return _signed(f"{value:.{digits}g}".replace("e-0", "e-").replace("e+0", "e"))


def _signed(text):
    """Put the minus sign for the hyphen, but none before a zero."""
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")
