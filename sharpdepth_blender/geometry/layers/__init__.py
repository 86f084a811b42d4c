"""Layers: one picture with its depth as a set that a camera may move before."""

from .layer_settings import Layer, LayerSettings
from .split import split_layers

__all__ = ["Layer", "LayerSettings", "split_layers"]
