"""Layers: one picture with its depth as a set that a camera may move before."""

from .cut import Cut
from .layer import Layer
from .layer_settings import KINDS, SKY, LayerSettings
from .split import split_layers

__all__ = ["KINDS", "SKY", "Cut", "Layer", "LayerSettings", "split_layers"]
