"""Sub-panel for depth layers."""

import bpy
from bpy.app.translations import pgettext_iface

from ...geometry.layers import SKY_KINDS
from ...scene import target_result
from ...scene.layers import (
    NUMBER,
    chosen_layer,
    deleted_layers,
    kind_reason,
    layer_name,
    layers_cut,
    layers_note,
    meant_layers,
    newer_result,
    rigs_of,
)
from ...tasks import layer_update, queue
from ...tasks.fill_layers import LayerFill
from ..layer_box import draw_clean_plate, draw_mask
from ..layer_list import SHARPDEPTH_UL_layers
from ..layer_settings import FILLS, is_layer_of_set, is_sky
from ..picture_settings import draw_picture_settings
from ..wrapped_label import draw_wrapped


class LayersPanel:
    """Split button, the list of layers with the settings of the chosen one, and those of all."""

    bl_label = "Layers"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw the button and the settings of the current layers."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        result = target_result(context)
        if result is None or not rigs_of(context.scene, result):  # whose own are below
            column = layout.column()
            column.prop(context.scene.sharpdepth, "layers")
            column.prop(context.scene.sharpdepth, "camera_move")
        layout.operator("sharpdepth.split_layers", icon="MOD_ARRAY")
        rig = meant_layers(context)
        if rig is None:
            return
        settings = rig.sharpdepth_split
        layout.label(text=rig.name, icon="OUTLINER_OB_EMPTY", translate=False)
        if changed := newer_result(context.scene, rig):
            text = pgettext_iface(
                "{result} has changed since it was split: split it again to update the layers."
            )
            draw_wrapped(layout, context, text.format(result=changed.name), "INFO")
        row = layout.row()
        row.template_list(
            SHARPDEPTH_UL_layers.__name__, "", bpy.data, "objects", settings, "active", rows=5
        )
        _draw_operators(row.column(align=True))
        _draw_deleted(layout, context, rig)
        obj = chosen_layer(context)
        if is_layer_of_set(obj):
            _draw_layer(layout.column(), context, obj)
        draw_clean_plate(layout, context)
        draw_mask(layout, context)
        column = layout.column()
        column.operator("sharpdepth.propose_kinds", icon="SHADERFX")
        column.prop(settings, "count")
        column.prop(settings, "sky")
        column.prop(settings, "move")
        draw_picture_settings(layout, context, rig)
        draw_fill(layout, _has_selected(context, rig))
        if sentence := layer_update.error(rig):
            draw_wrapped(layout, context, pgettext_iface(sentence), "ERROR")
        if note := layers_note(rig):
            draw_wrapped(layout, context, note, "INFO")


def _draw_operators(column):
    column.operator("sharpdepth.split_layer", text="", icon="ADD")
    column.operator("sharpdepth.merge_layer", text="", icon="REMOVE")
    column.separator()
    column.operator("sharpdepth.move_layer", text="", icon="TRIA_UP").up = True
    column.operator("sharpdepth.move_layer", text="", icon="TRIA_DOWN").up = False


def _draw_deleted(layout, context, rig):
    deleted, cut = deleted_layers(rig), layers_cut(rig)
    if not deleted:
        return
    names = ", ".join(cut.layer(each).name or layer_name(rig, each) for each in deleted)
    text = pgettext_iface("Deleted, and not made again: {names}").format(names=names)
    draw_wrapped(layout, context, text, "INFO")
    layout.operator("sharpdepth.restore_layers", icon="LOOP_BACK")


def _draw_layer(column, context, obj):
    settings, cut = obj.sharpdepth_layer_settings, layers_cut(obj.parent)
    record = cut.layer(obj[NUMBER])
    if not is_sky(obj) and record.end in cut.thresholds:
        column.prop(settings, "end")
    if is_sky(obj):
        row = column.row(align=True)
        row.use_property_split = False  # which would name the first and leave the second no room
        for kind in SKY_KINDS:
            row.prop_enum(settings, "kind", kind)
    else:
        column.prop(settings, "kind")
    if reason := kind_reason(obj.parent, obj[NUMBER], record.kind):
        draw_wrapped(column, context, reason, "INFO")
    if not is_sky(obj):  # nothing is behind it that its edge could fade to
        for name in ("edge", "choke", "extension"):
            column.prop(settings, name)
    column.prop(settings, "fill")


def _has_selected(context, rig):
    return any(obj.parent == rig and NUMBER in obj.keys() for obj in context.selected_objects)


def draw_fill(layout, selected):
    """Draw the buttons that fill what layers do not show, and the fill that goes on.

    Args:
        layout: Layout to draw in.
        selected: Whether layers are selected, so that those alone are filled.
    """
    column = layout.column(align=True)
    column.label(text="Fill Selected Layers" if selected else "Fill All Layers")
    row = column.row(align=True)
    for fill, label, *_ in FILLS[:2]:
        row.operator("sharpdepth.fill_layers", text=label).fill = fill
    column.operator("sharpdepth.fill_with_model", icon="SHADERFX")
    row = column.row(align=True)
    row.operator("sharpdepth.hand_over", icon="EXPORT")
    row.operator("sharpdepth.take_back", icon="IMPORT")
    for task in queue.running(LayerFill.kind):
        row = column.row(align=True)
        row.progress(factor=task.fraction, text=task.message, translate=False)
        row.operator("sharpdepth.cancel_fill", text="", icon="CANCEL")
