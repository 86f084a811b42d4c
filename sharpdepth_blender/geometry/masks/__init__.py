"""Masks: which pixels belong to something, from drawn outlines and from cryptomattes."""

from .combine import combine, falloff
from .cryptomatte import cryptomatte_id, matte_of
from .outline import Outline, flatten, rasterize

__all__ = [
    "Outline",
    "combine",
    "cryptomatte_id",
    "falloff",
    "flatten",
    "matte_of",
    "rasterize",
]
