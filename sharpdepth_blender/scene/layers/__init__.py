"""Layers: a live result split by depth into objects that a camera may move before."""

from .change import change_layers, layers_cut, read_plate
from .rig import LayersError, is_layers, layer_objects, meant_layers
from .split import propose_cut, split_result

__all__ = [
    "LayersError",
    "change_layers",
    "is_layers",
    "layer_objects",
    "layers_cut",
    "meant_layers",
    "propose_cut",
    "read_plate",
    "split_result",
]
