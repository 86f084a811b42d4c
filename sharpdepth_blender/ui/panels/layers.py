"""Sub-panel for depth layers."""

from bpy.app.translations import pgettext_iface

from ...scene.layers import (
    NUMBER,
    SHARE,
    kind_reason,
    layer_objects,
    layers_cut,
    layers_note,
    meant_layers,
)
from ...tasks import layer_update, queue
from ...tasks.fill_layers import LayerFill
from ..layer_box import draw_clean_plate, draw_mask
from ..picture_settings import draw_picture_settings
from ..wrapped_label import draw_wrapped


class LayersPanel:
    """Split button, layer settings, and each layer's share of the picture."""

    bl_label = "Layers"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw the button and the settings of the current layers."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.operator("sharpdepth.split_layers", icon="MOD_ARRAY")
        rig = meant_layers(context)
        if rig is None:
            return
        settings = rig.sharpdepth_split
        layout.label(text=rig.name, icon="OUTLINER_OB_EMPTY", translate=False)
        layout.prop(settings, "kind")
        layout.operator("sharpdepth.propose_kinds", icon="SHADERFX")
        layout.prop(settings, "count")
        column = layout.column(align=True)
        for index in range(len(layers_cut(rig).thresholds)):
            column.prop(settings, f"threshold_{index + 1}")
        layout.prop(settings, "sky")
        layout.prop(settings, "edge")
        layout.prop(settings, "move")
        draw_picture_settings(layout, context, rig)
        draw_fill(layout)
        if sentence := layer_update.error(rig):
            draw_wrapped(layout, context, pgettext_iface(sentence), "ERROR")
        if note := layers_note(rig):
            draw_wrapped(layout, context, note, "INFO")
        cut = layers_cut(rig)
        column = layout.column(align=True)
        for obj in layer_objects(rig):
            share = obj.get(SHARE, 0.0)
            row = column.row(align=True)
            row.progress(factor=share, text=f"{obj.name}  {share:.1%}", translate=False)
            row.prop(obj.sharpdepth_layer, "kind", text="")
            if reason := kind_reason(rig, obj[NUMBER], cut.layer(obj[NUMBER]).kind):
                column.label(text=reason, translate=False)
        draw_clean_plate(layout, context)
        draw_mask(layout, context)


def draw_fill(layout):
    """Draw the buttons that fill what layers do not show, and the fill that goes on."""
    column = layout.column(align=True)
    row = column.row(align=True)
    row.operator_enum("sharpdepth.fill_layers", "fill")
    column.operator("sharpdepth.fill_with_model", icon="SHADERFX")
    row = column.row(align=True)
    row.operator("sharpdepth.hand_over", icon="EXPORT")
    row.operator("sharpdepth.take_back", icon="IMPORT")
    for task in queue.running(LayerFill.kind):
        row = column.row(align=True)
        row.progress(factor=task.fraction, text=task.message, translate=False)
        row.operator("sharpdepth.cancel_fill", text="", icon="CANCEL")
