"""Operators: thin wrappers around functions that scripts can call too."""

import bpy

from .bake import SHARPDEPTH_OT_bake
from .bake_projection import SHARPDEPTH_OT_bake_projection
from .cancel import SHARPDEPTH_OT_cancel
from .change_projection import (
    SHARPDEPTH_OT_move_projection,
    SHARPDEPTH_OT_remove_projection,
    SHARPDEPTH_OT_update_projection,
)
from .check_move import SHARPDEPTH_OT_check_move
from .clean_plate import CLEAN_PLATES
from .edit_layer import (
    SHARPDEPTH_OT_merge_layer,
    SHARPDEPTH_OT_move_layer,
    SHARPDEPTH_OT_restore_layers,
    SHARPDEPTH_OT_split_layer,
)
from .export import EXPORTS
from .fill_layers import (
    SHARPDEPTH_OT_cancel_fill,
    SHARPDEPTH_OT_fill_layers,
    SHARPDEPTH_OT_fill_with_model,
)
from .generate import SHARPDEPTH_OT_generate
from .generate_sequence import SHARPDEPTH_OT_generate_sequence
from .hand_over import SHARPDEPTH_OT_hand_over, SHARPDEPTH_OT_take_back
from .layer_mask import LAYER_MASKS
from .look_through import SHARPDEPTH_OT_look_through
from .match_render_size import SHARPDEPTH_OT_match_render_size
from .open_preferences import SHARPDEPTH_OT_open_preferences
from .paint_here import SHARPDEPTH_OT_show_paint_here
from .pick_points import SHARPDEPTH_OT_pick_points
from .plain_colors import SHARPDEPTH_OT_plain_colors, SHARPDEPTH_OT_update_compensation
from .propose_kinds import SHARPDEPTH_OT_propose_kinds
from .set_floor import SHARPDEPTH_OT_set_floor
from .set_scale import SHARPDEPTH_OT_set_scale
from .set_up_projection import SHARPDEPTH_OT_set_up_projection
from .split_layers import SHARPDEPTH_OT_split_layers

_CLASSES = (
    SHARPDEPTH_OT_generate,
    SHARPDEPTH_OT_generate_sequence,
    SHARPDEPTH_OT_cancel,
    SHARPDEPTH_OT_bake,
    *EXPORTS,
    SHARPDEPTH_OT_look_through,
    SHARPDEPTH_OT_match_render_size,
    SHARPDEPTH_OT_set_scale,
    SHARPDEPTH_OT_set_floor,
    SHARPDEPTH_OT_pick_points,
    SHARPDEPTH_OT_propose_kinds,
    SHARPDEPTH_OT_check_move,
    SHARPDEPTH_OT_show_paint_here,
    SHARPDEPTH_OT_set_up_projection,
    SHARPDEPTH_OT_restore_layers,
    SHARPDEPTH_OT_move_projection,
    SHARPDEPTH_OT_remove_projection,
    SHARPDEPTH_OT_update_projection,
    SHARPDEPTH_OT_bake_projection,
    SHARPDEPTH_OT_split_layers,
    SHARPDEPTH_OT_split_layer,
    SHARPDEPTH_OT_merge_layer,
    SHARPDEPTH_OT_move_layer,
    SHARPDEPTH_OT_fill_layers,
    SHARPDEPTH_OT_fill_with_model,
    SHARPDEPTH_OT_cancel_fill,
    SHARPDEPTH_OT_hand_over,
    SHARPDEPTH_OT_take_back,
    *CLEAN_PLATES,
    *LAYER_MASKS,
    SHARPDEPTH_OT_plain_colors,
    SHARPDEPTH_OT_update_compensation,
    SHARPDEPTH_OT_open_preferences,
)


def register() -> None:
    """Register the operators."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Unregister the operators."""
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
