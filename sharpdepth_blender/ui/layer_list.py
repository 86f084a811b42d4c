"""Layer list: the layers of a set as rows of a panel, in the order of the cut."""

import bpy

from ..scene.layers import NUMBER, SHARE, layer_objects, layers_cut, meant_layers
from .layer_settings import KINDS, is_layer_of_set

_ICONS = {kind: icon for kind, _, _, icon, _ in KINDS}


class SHARPDEPTH_UL_layers(bpy.types.UIList):
    """Of all objects, the layers of the set that is meant: kind, name, share, shown."""

    def draw_item(self, context, layout, data, obj, icon, active_data, active_property, index):
        """Draw one layer."""
        settings = obj.sharpdepth_layer_settings
        record = layers_cut(obj.parent).layer(obj[NUMBER])
        row = layout.row(align=True)
        row.active = settings.shown
        row.prop(settings, "name", text="", emboss=False, icon=_ICONS[record.kind])
        sub = row.row(align=True)
        sub.alignment = "RIGHT"
        sub.label(text=f"{obj.get(SHARE, 0.0):.0%}", translate=False)
        icon = "HIDE_OFF" if settings.shown else "HIDE_ON"
        row.prop(settings, "shown", text="", emboss=False, icon=icon)

    def filter_items(self, context, data, property):
        """Show the layers alone, as they are before each other."""
        rig = meant_layers(context)
        layers = [] if rig is None else [obj for obj in layer_objects(rig) if is_layer_of_set(obj)]
        place = {obj: index for index, obj in enumerate(layers)}
        objects = getattr(data, property)
        flags = [self.bitflag_filter_item if obj in place else 0 for obj in objects]
        others = iter(range(len(place), len(objects)))
        return flags, [place[obj] if obj in place else next(others) for obj in objects]


def register() -> None:
    """Register the list."""
    bpy.utils.register_class(SHARPDEPTH_UL_layers)


def unregister() -> None:
    """Unregister the list."""
    bpy.utils.unregister_class(SHARPDEPTH_UL_layers)
