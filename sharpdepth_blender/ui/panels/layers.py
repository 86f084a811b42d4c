"""Sub-panel for depth layers."""

import bpy
from bpy.app.translations import pgettext_iface

from ...scene.layers import chosen_layer, layers_note, meant_layers
from ...tasks import layer_update
from ..layer_list import SHARPDEPTH_UL_layers
from ..layer_settings import is_sky
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
        layout.operator("sharpdepth.split_layers", icon="MOD_ARRAY")
        rig = meant_layers(context)
        if rig is None:
            return
        settings = rig.sharpdepth_split
        layout.label(text=rig.name, icon="OUTLINER_OB_EMPTY", translate=False)
        row = layout.row()
        row.template_list(
            SHARPDEPTH_UL_layers.__name__, "", bpy.data, "objects", settings, "active", rows=5
        )
        _draw_operators(row.column(align=True))
        if obj := chosen_layer(context):
            _draw_layer(layout.column(), obj)
        column = layout.column()
        column.prop(settings, "count")
        column.prop(settings, "sky")
        column.prop(settings, "move")
        if rig.sharpdepth.can_be_lit:
            layout.prop(rig.sharpdepth, "lit")
        if rig.sharpdepth.can_be_compensated:
            layout.prop(rig.sharpdepth, "compensate_view")
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


def _draw_layer(column, obj):
    settings = obj.sharpdepth_layer_settings
    if is_sky(obj):
        return  # nothing is behind it that its edge could fade to
    column.row().prop(settings, "kind", expand=True)
    for name in ("edge", "choke", "extension"):
        column.prop(settings, name)
