"""Layers: one picture with its depth as a set that a camera may move before."""

from .labels import label_pixels
from .layer_settings import Layer, LayerSettings
from .seen import mark_seen, measured_pixels, places_in_layer
from .split import split_layers

__all__ = [
    "Layer",
    "LayerSettings",
    "label_pixels",
    "mark_seen",
    "measured_pixels",
    "places_in_layer",
    "split_layers",
]
