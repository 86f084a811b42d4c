"""Layers: one picture with its depth as a set that a camera may move before."""

from .cut import Cut
from .fill_job import FillJob, fill_job
from .layer import Layer
from .layer_settings import FILLS, KINDS, SKY, LayerSettings
from .proposal import Proposal, propose_kinds
from .seen import mark_seen, measured_pixels, places_in_layer
from .split import part_pixels, split_layers

__all__ = [
    "FILLS",
    "KINDS",
    "SKY",
    "Cut",
    "FillJob",
    "Layer",
    "LayerSettings",
    "Proposal",
    "fill_job",
    "mark_seen",
    "measured_pixels",
    "part_pixels",
    "places_in_layer",
    "propose_kinds",
    "split_layers",
]
