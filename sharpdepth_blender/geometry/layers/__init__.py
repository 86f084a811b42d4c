"""Layers: one picture with its depth as a set that a camera may move before."""

from .cut import Cut, same_place
from .fill_job import FillJob, fill_job
from .kept_layer import KeptLayer
from .layer import Layer
from .layer_settings import FILLS, KINDS, SKY, SKY_KINDS, LayerSettings
from .operations import merge_layers, move_layer, recipe, split_layer
from .proposal import Proposal, propose_kinds
from .seen import mark_seen, measured_pixels, places_in_layer
from .split import part_pixels, split_layers

__all__ = [
    "FILLS",
    "KINDS",
    "SKY",
    "SKY_KINDS",
    "Cut",
    "FillJob",
    "KeptLayer",
    "Layer",
    "LayerSettings",
    "Proposal",
    "fill_job",
    "mark_seen",
    "measured_pixels",
    "merge_layers",
    "move_layer",
    "part_pixels",
    "places_in_layer",
    "propose_kinds",
    "recipe",
    "same_place",
    "split_layer",
    "split_layers",
]
