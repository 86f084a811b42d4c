"""Layers: a live result split by depth into objects, for a moving camera."""

from .change import change_layers, is_current, layers_cut
from .edit import (
    chosen_layer,
    is_layer,
    layer_place,
    merge_layer,
    part_layer,
    reorder_layer,
    set_layer,
    with_settings,
)
from .layer_root import (
    NUMBER,
    SHARE,
    LayersError,
    is_layers,
    keep_cut,
    layer_objects,
    layers_note,
    layers_shown_for,
    meant_layers,
    units_of,
)
from .split import propose_cut, split_result
from .split_source import read_plate

__all__ = [
    "NUMBER",
    "SHARE",
    "LayersError",
    "change_layers",
    "chosen_layer",
    "is_current",
    "is_layer",
    "is_layers",
    "keep_cut",
    "layer_objects",
    "layer_place",
    "layers_cut",
    "layers_note",
    "layers_shown_for",
    "meant_layers",
    "merge_layer",
    "part_layer",
    "propose_cut",
    "read_plate",
    "reorder_layer",
    "set_layer",
    "split_result",
    "units_of",
    "with_settings",
]
