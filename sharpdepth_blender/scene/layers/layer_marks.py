"""Layer marks: the custom properties of a layer's object that name its pictures."""

from ..result_marks import CLEAN_FRAME

# Images: what the cut made, its depth, and what was painted over it.
COLOR, DEPTH = "sharpdepth_layer_color", "sharpdepth_layer_depth"
CLEAN = "sharpdepth_layer_clean"
# Of a rig: the clean plates of its layers, and of those that are gone, by their numbers.
PLATES = "sharpdepth_layers_clean"
# The intrinsics of the cut's picture.
FRAME = "sharpdepth_layer_frame"
# Of a relief's mesh: that it is there for Texture Paint alone.
PAINT_MESH = "sharpdepth_paint_mesh"

__all__ = ["CLEAN", "CLEAN_FRAME", "COLOR", "DEPTH", "FRAME", "PAINT_MESH", "PLATES"]
