"""Fill: what a layer shows where nothing was seen of it."""

from .encoding import Encoding
from .grain import measure_grain
from .hole_windows import hole_windows
from .seam import match_rim
from .smooth import fill_smooth
from .texture import fill_texture

__all__ = [
    "Encoding",
    "fill_smooth",
    "fill_texture",
    "hole_windows",
    "match_rim",
    "measure_grain",
]
