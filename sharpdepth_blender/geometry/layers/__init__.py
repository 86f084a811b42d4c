"""Layers: one picture with its depth as a set that a camera may move before."""

from .cut import Cut, Layer
from .split import split_layers

__all__ = ["Cut", "Layer", "split_layers"]
