"""Layer settings: how a set of layers is split, as `Object.sharpdepth_split` of its empty.

They are stored in the empty, from where scripts and the command line read them too.
"""

from dataclasses import replace

import bpy

from ..geometry.thresholds import MOST
from ..scene.layers import LayersError, is_layers, layers_cut, propose_cut, read_plate, units_of
from ..tasks import layer_update

KINDS = [
    ("RELIEF", "Relief", "Layers keep their depth", "MESH_GRID", 0),
    ("CARD", "Card", "Layers are flat, at the middle of their depth range", "MESH_PLANE", 1),
    ("PLANE", "Plane", "Layers are flat, tilted as most of what they show", "GRID", 2),
    (
        "PLANES",
        "Planes",
        "Floors, walls and ceilings are exactly flat, so that straight lines stay "
        "straight, and the rest keeps its depth",
        "MESH_CUBE",
        3,
    ),
    ("SKY", "Sky", "Layers are flat, as far off as the sky", "WORLD", 4),
]
_NUMBERS = {each[0]: each[-1] for each in KINDS}
# Neighboring thresholds differ by this ratio at least.
_APART = 1.001


def _value(read, write, otherwise):
    """Return the accessors of a property; other objects have the value `otherwise`."""

    def get(self):
        return read(layers_cut(self.id_data)) if is_layers(self.id_data) else otherwise

    def put(self, value):
        if is_layers(self.id_data):
            layer_update.update_layers(self.id_data, write(layers_cut(self.id_data), value))

    return {"get": get, "set": put, "options": set()}  # not animatable


def _length(name, read, write, description):
    """Define a length property, in Blender units."""

    def get(self):
        rig = self.id_data
        return read(layers_cut(rig)) * units_of(rig) if is_layers(rig) else 0.0

    def put(self, value):
        rig = self.id_data
        if is_layers(rig):
            layer_update.update_layers(rig, write(layers_cut(rig), value / units_of(rig)))

    return bpy.props.FloatProperty(
        name=name, description=description, get=get, set=put, options=set(), min=0.0,
        subtype="DISTANCE", unit="LENGTH", precision=3,
    )  # fmt: skip


def _threshold(index):
    def read(cut):
        return cut.thresholds[index] if index < len(cut.thresholds) else 0.0

    def write(cut, meters):
        if index >= len(cut.thresholds):
            return cut
        ends = (1e-4, *cut.thresholds, cut.sky_depth or 1e9)
        meters = min(max(meters, ends[index] * _APART), ends[index + 2] / _APART)
        thresholds = (*cut.thresholds[:index], meters, *cut.thresholds[index + 1 :])
        return cut.with_thresholds(thresholds)

    name = f"Layer {index + 1} Up To"
    return _length(name, read, write, "Depth at which this layer ends and the next one begins")


def _with_sky(cut, meters):
    meters = max(meters, cut.thresholds[-1] * _APART) if meters > 0 else 0.0
    return cut.with_thresholds(cut.thresholds, meters)


class SHARPDEPTH_PG_layers(bpy.types.PropertyGroup):
    """Settings of a set of layers; changes take effect at once."""

    count: bpy.props.IntProperty(
        name="Layers",
        description="Number of layers, not counting the sky. Changing it resets all thresholds",
        min=2,
        max=MOST,
        get=lambda self: _count(self.id_data),
        set=lambda self, count: _set_count(self.id_data, count),
        options=set(),
    )
    kind: bpy.props.EnumProperty(
        name="Kind",
        description="Shape of the layers",
        items=KINDS,
        **_value(
            lambda cut: _NUMBERS[cut.layers[0].kind],
            lambda cut, number: cut.with_all(kind=KINDS[number][0]),
            0,
        ),
    )
    edge: bpy.props.IntProperty(
        name="Edge",
        description="Width of the fade at layer edges, in pixels",
        min=0,
        max=32,
        subtype="PIXEL",
        **_value(lambda cut: cut.layers[0].edge, lambda cut, edge: cut.with_all(edge=edge), 0),
    )
    sky: _length(
        "Sky Beyond",
        lambda cut: cut.sky_depth,
        _with_sky,
        "Depth beyond which everything is sky. 0: only pixels without depth are sky",
    )
    move: _length(
        "Camera Move",
        lambda cut: cut.move,
        lambda cut, meters: replace(cut, move=meters),
        "Distance that the camera can move in any direction without showing holes",
    )


for _index in range(MOST - 1):
    SHARPDEPTH_PG_layers.__annotations__[f"threshold_{_index + 1}"] = _threshold(_index)


def _count(rig):
    return len(layers_cut(rig).thresholds) + 1 if is_layers(rig) else 2


def _set_count(rig, count):
    if not is_layers(rig) or count == _count(rig):
        return
    cut = layers_cut(rig)
    try:
        proposed = propose_cut(read_plate(rig), count=count, sky=cut.sky_depth, near=cut.near)
    except (LayersError, ValueError) as error:
        layer_update.set_error(rig, str(error))
    else:
        layer_update.update_layers(rig, cut.with_thresholds(proposed.thresholds))


def register() -> None:
    """Add the property `sharpdepth_split` to objects."""
    bpy.utils.register_class(SHARPDEPTH_PG_layers)
    bpy.types.Object.sharpdepth_split = bpy.props.PointerProperty(type=SHARPDEPTH_PG_layers)
    layer_update.register()


def unregister() -> None:
    """Remove the property; files keep its values."""
    layer_update.unregister()
    del bpy.types.Object.sharpdepth_split
    bpy.utils.unregister_class(SHARPDEPTH_PG_layers)
