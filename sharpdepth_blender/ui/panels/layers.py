"""Sub-panel for depth layers."""

from bpy.app.translations import pgettext_iface

from ...geometry.layers import SKY
from ...scene.layers import (
    NUMBER,
    SHARE,
    kind_reason,
    layer_objects,
    layers_cut,
    layers_note,
    meant_layers,
)
from ...tasks import layer_update
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
        if rig.sharpdepth.can_be_lit:
            layout.prop(rig.sharpdepth, "lit")
        if rig.sharpdepth.can_be_compensated:
            layout.prop(rig.sharpdepth, "compensate_view")
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
            shape = row.row(align=True)
            shape.enabled = obj[NUMBER] != SKY
            shape.prop(obj.sharpdepth_layer, "kind", text="")
            if reason := kind_reason(rig, obj[NUMBER], cut.layer(obj[NUMBER]).kind):
                column.label(text=reason, translate=False)
