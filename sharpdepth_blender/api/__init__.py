"""The tools as functions, for scripts; buttons and the command line call the same.

    import sharpdepth_blender as sharpdepth

    obj = sharpdepth.generate("plate.jpg", fov=60)
    layers = sharpdepth.split_layers(obj, count=3)
    sharpdepth.export("plate.usd", [obj])

They work on the open file, in a window or without one, and wait until they are done. What a window
needs is a task that goes on beside the user's work: `begin_generate` and `begin_sequence` make one.
"""

from ..scene.layers import LayerMask, layer_pixels
from ..tasks.measured_files import DepthFile, PointsFile
from .exporting import bake, export
from .filling import fill_layers, hand_over, new_clean_plate, save_clean_plate, take_back
from .generating import begin_generate, begin_sequence, generate, generate_sequence
from .layers import (
    merge_layer,
    move_layer,
    propose_kinds,
    restore_layers,
    set_layer,
    set_layer_mask,
    split_layer,
    split_layers,
)
from .moving import check_move
from .projecting import project

__all__ = [
    "DepthFile",
    "LayerMask",
    "PointsFile",
    "bake",
    "begin_generate",
    "begin_sequence",
    "check_move",
    "export",
    "fill_layers",
    "generate",
    "generate_sequence",
    "hand_over",
    "layer_pixels",
    "merge_layer",
    "move_layer",
    "new_clean_plate",
    "project",
    "propose_kinds",
    "restore_layers",
    "save_clean_plate",
    "set_layer",
    "set_layer_mask",
    "split_layer",
    "split_layers",
    "take_back",
]
