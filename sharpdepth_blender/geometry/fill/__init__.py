"""Fill: what a layer shows where nothing was seen of it."""

from .grain import Grain, measure_grain
from .smooth import fill_smooth
from .texture import fill_texture

__all__ = ["Grain", "fill_smooth", "fill_texture", "measure_grain"]
