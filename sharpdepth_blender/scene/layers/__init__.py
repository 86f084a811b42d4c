"""Layers: a live result split by depth into objects, for a moving camera."""

from .change import change_layers, is_current, layers_cut, restore_layers, show_fill
from .clean_files import ChangedOutside, CleanPlateError, plate_frame, plate_path
from .clean_plate import (
    clean_plate,
    grow_clean_plate,
    is_layer,
    layer_frame,
    new_clean_plate,
)
from .composed import layer_pixels, painted_in
from .cut_plate import bare_paint, cut_layers, label_plate, painted_masks
from .edit import (
    chosen_layer,
    layer_place,
    merge_layer,
    part_layer,
    reorder_layer,
    set_layer,
)
from .hand_over import HandOver, NothingInvented, hand_over, take_back
from .kept_paint import keep_paint
from .layer_fill import Fill, is_filled
from .layer_masks import (
    LayerMask,
    drawn_masks,
    mask_of,
    masks_of,
    new_painted_mask,
    read_masks,
    set_mask,
)
from .layer_object import color_of
from .layer_root import (
    NUMBER,
    SHARE,
    LayersError,
    deleted_layers,
    is_layers,
    keep_cut,
    layer_name,
    layer_objects,
    layers_shown_for,
    meant_layers,
    rigs_of,
    units_of,
)
from .mask_file import MaskError, cryptomatte_names
from .notes import add_notes, layers_note
from .proposal import PROPOSED, keep_reasons, kind_reason, proposed_kinds, with_kinds
from .split import newer_result, propose_cut, split_result
from .split_source import read_plate

__all__ = [
    "add_notes",
    "PROPOSED",
    "NUMBER",
    "NothingInvented",
    "SHARE",
    "ChangedOutside",
    "CleanPlateError",
    "Fill",
    "HandOver",
    "LayerMask",
    "LayersError",
    "MaskError",
    "bare_paint",
    "change_layers",
    "chosen_layer",
    "clean_plate",
    "grow_clean_plate",
    "color_of",
    "cryptomatte_names",
    "cut_layers",
    "deleted_layers",
    "drawn_masks",
    "hand_over",
    "is_current",
    "is_filled",
    "is_layer",
    "is_layers",
    "keep_cut",
    "keep_paint",
    "keep_reasons",
    "kind_reason",
    "label_plate",
    "layer_frame",
    "layer_name",
    "layer_objects",
    "layer_pixels",
    "layer_place",
    "layers_cut",
    "layers_note",
    "layers_shown_for",
    "mask_of",
    "masks_of",
    "meant_layers",
    "merge_layer",
    "new_clean_plate",
    "newer_result",
    "new_painted_mask",
    "painted_in",
    "painted_masks",
    "part_layer",
    "plate_frame",
    "plate_path",
    "propose_cut",
    "proposed_kinds",
    "read_masks",
    "read_plate",
    "reorder_layer",
    "restore_layers",
    "rigs_of",
    "set_layer",
    "set_mask",
    "show_fill",
    "split_result",
    "take_back",
    "units_of",
    "with_kinds",
]
