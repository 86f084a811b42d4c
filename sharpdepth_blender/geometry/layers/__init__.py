"""Layers: one picture with its depth as a set that a camera may move before."""

from .cut import Cut
from .labels import label_pixels
from .layer import Layer
from .layer_settings import KINDS, SKY, LayerSettings
from .operations import merge_layers, move_layer, recipe, split_layer
from .split import split_layers

__all__ = [
    "KINDS",
    "SKY",
    "Cut",
    "Layer",
    "LayerSettings",
    "label_pixels",
    "merge_layers",
    "move_layer",
    "recipe",
    "split_layer",
    "split_layers",
]
