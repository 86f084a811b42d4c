"""Stocks: which weights are on this computer."""

import time
from dataclasses import dataclass

from ...library import WEIGHTS, Shelf, Stock, Weights
from .chosen import get_preferences

_FRESH = 2.0  # seconds for which a redraw does not look at the disk again
_seen: dict[str, tuple[float, list["Entry"]]] = {}


@dataclass(frozen=True)
class Entry:
    """One set of weights.

    Attributes:
        weights: What the catalogue says.
        stock: Where they are; None when they are not here.
        partial: Bytes that a download which was cut short has left.
    """

    weights: Weights
    stock: Stock | None
    partial: int


def list_weights() -> list[Entry]:
    """For panels: all of the catalogue, as it was at most two seconds ago."""
    chosen = get_preferences().models
    asked, found = _seen.get(chosen, (0.0, None))
    if found is None or time.monotonic() - asked >= _FRESH:
        shelf = Shelf(chosen or None)
        found = [Entry(each, shelf.stock(each), shelf.partial(each)) for each in WEIGHTS.values()]
        _seen[chosen] = time.monotonic(), found
    return found


def forget() -> None:
    """Look at the disk again the next time, as something has changed there."""
    _seen.clear()
