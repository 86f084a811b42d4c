"""Layers: one picture with its depth as a set that a camera may move before."""

from .cut import Cut
from .fill_job import FillJob, fill_job
from .layer import Layer
from .layer_settings import FILLS, KINDS, SKY, LayerSettings
from .split import split_layers

__all__ = [
    "FILLS",
    "KINDS",
    "SKY",
    "Cut",
    "FillJob",
    "Layer",
    "LayerSettings",
    "fill_job",
    "split_layers",
]
