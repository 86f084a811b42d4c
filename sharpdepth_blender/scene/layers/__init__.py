"""Layers: a live result split by depth into objects, for a moving camera."""

from .change import change_layers, cut_layers, is_current, layers_cut, show_fill
from .hand_over import HandOver, hand_over, take_back
from .layer_fill import Fill, is_filled
from .layer_object import color_of
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
    plate_mark,
    units_of,
)
from .proposal import PROPOSED, keep_reasons, kind_reason, proposed_kinds, with_kinds
from .split import propose_cut, split_result
from .split_source import read_plate

__all__ = [
    "PROPOSED",
    "NUMBER",
    "SHARE",
    "Fill",
    "HandOver",
    "LayersError",
    "change_layers",
    "color_of",
    "cut_layers",
    "hand_over",
    "is_current",
    "is_filled",
    "is_layers",
    "keep_cut",
    "keep_reasons",
    "kind_reason",
    "layer_objects",
    "layers_cut",
    "layers_note",
    "layers_shown_for",
    "meant_layers",
    "plate_mark",
    "propose_cut",
    "proposed_kinds",
    "read_plate",
    "show_fill",
    "split_result",
    "take_back",
    "units_of",
    "with_kinds",
]
