"""Sub-panel for depth layers."""

from bpy.app.translations import pgettext_iface

from ...scene.layers import SHARE, layer_objects, layers_cut, layers_note, meant_layers
from ...tasks import layer_update
from ..layer_box import draw_clean_plate, draw_mask
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
        layout.prop(settings, "kind", expand=True)
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
        column = layout.column(align=True)
        for obj in layer_objects(rig):
            share = obj.get(SHARE, 0.0)
            column.progress(factor=share, text=f"{obj.name}  {share:.1%}", translate=False)
        draw_clean_plate(layout, context)
        draw_mask(layout, context)
