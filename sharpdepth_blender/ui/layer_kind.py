"""Layer kind: the shape of one layer, as `Object.sharpdepth_layer` of its object."""

import bpy

from ..geometry.layers import SKY
from ..scene.layers import NUMBER, is_layers, layers_cut
from ..tasks import layer_update
from .layer_settings import KINDS

_NUMBERS = {each[0]: each[-1] for each in KINDS}


def _settings(obj):
    """Return the settings of a layer's object; None of anything else."""
    if NUMBER not in obj.keys() or not is_layers(obj.parent):
        return None
    cut = layers_cut(obj.parent)
    ids = {layer.id for layer in (*cut.layers, cut.sky)}
    return cut.layer(obj[NUMBER]) if obj[NUMBER] in ids else None


def _get(self):
    settings = _settings(self.id_data)
    return _NUMBERS[settings.kind] if settings else 0


def _set(self, number):
    obj = self.id_data
    settings = _settings(obj)
    if settings is None or settings.id == SKY:
        return
    kind = next(each[0] for each in KINDS if each[-1] == number)
    cut = layers_cut(obj.parent)
    layer_update.update_layers(obj.parent, cut.with_layer(settings.id, kind=kind))


class SHARPDEPTH_PG_layer(bpy.types.PropertyGroup):
    """Settings of one layer; changes take effect at once."""

    kind: bpy.props.EnumProperty(
        name="Kind",
        description="Shape of this layer",
        items=KINDS,
        get=_get,
        set=_set,
        options=set(),
    )


def register() -> None:
    """Add the property `sharpdepth_layer` to objects."""
    bpy.utils.register_class(SHARPDEPTH_PG_layer)
    bpy.types.Object.sharpdepth_layer = bpy.props.PointerProperty(type=SHARPDEPTH_PG_layer)


def unregister() -> None:
    """Remove the property."""
    del bpy.types.Object.sharpdepth_layer
    bpy.utils.unregister_class(SHARPDEPTH_PG_layer)
