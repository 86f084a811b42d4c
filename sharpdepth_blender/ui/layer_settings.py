"""Layer settings: of a set, `Object.sharpdepth_split` of its empty, and of each of its layers.

They are stored in the empty, from where scripts and the command line read them too.
"""

from contextlib import suppress
from dataclasses import replace

import bpy

from ..geometry.layers import SKY
from ..geometry.thresholds import MOST
from ..scene import SceneError
from ..scene.layers import (
    LayersError,
    chosen_layer,
    is_layers,
    layer_place,
    layers_cut,
    propose_cut,
    read_plate,
    set_layer,
    units_of,
)
from ..tasks import layer_update

KINDS = [
    ("RELIEF", "Relief", "Keeps its depth", "MESH_GRID", 0),
    (
        "CARD",
        "Card",
        "Flat and facing the camera, at the middle of its depth range",
        "MESH_PLANE",
        1,
    ),
    ("PLANE", "Plane", "Flat, tilted like most of what it shows", "GRID", 2),
    (
        "PLANES",
        "Planes",
        "Floors, walls and ceilings are exactly flat, so that straight lines stay straight. The "
        "rest keeps its depth",
        "MESH_CUBE",
        3,
    ),
    ("SKY", "Sky Card", "Flat and facing the camera, as far away as the sky", "IMAGE_PLANE", 4),
    (
        "DOME",
        "Sky Dome",
        "A sphere around the camera, as far away as the sky. It continues beyond the picture, "
        "for a camera that turns",
        "WORLD",
        5,
    ),
]
FILLS = [
    ("SMOOTH", "Smooth", "Continue the layer's own colors smoothly, with their grain", "NONE", 0),
    (
        "TEXTURE",
        "Texture",
        "Copy patches of this layer and of what is behind it, so that lines continue",
        "NONE",
        1,
    ),
    ("MODEL", "Model", "Show what Fill with Model has made; smooth until then", "NONE", 2),
]
_NUMBERS = {each[0]: each[-1] for each in KINDS}
_FILL_NUMBERS = {each[0]: each[-1] for each in FILLS}
# Neighboring thresholds differ by this ratio at least.
_APART = 1.001


def is_layer_of_set(obj):
    """Whether an object is a layer whose set is known, and with it its settings and mask."""
    with suppress(LayersError):
        return bool(layer_place(obj))
    return False


def _setting(name, read=lambda value: value, write=lambda value: value):
    """Return the accessors of a setting of a layer; other objects have the value 0."""

    def get(self):
        if not is_layer_of_set(self.id_data):
            return 0
        rig, number = layer_place(self.id_data)
        return read(getattr(layers_cut(rig).layer(number), name))

    def put(self, value):
        if is_layer_of_set(self.id_data):
            rig, number = layer_place(self.id_data)
            cut = layers_cut(rig).with_layer(number, **{name: write(value)})
            layer_update.update_layers(rig, cut, whole=False)

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
    active: bpy.props.IntProperty(
        name="Layer",
        description="Layer whose settings are shown. Choosing it selects its object",
        get=lambda self: _active(self.id_data),
        set=lambda self, index: _make_active(self.id_data, index),
        options=set(),
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


class SHARPDEPTH_PG_layer(bpy.types.PropertyGroup):
    """Settings of one layer; changes take effect at once, and on no other layer."""

    name: bpy.props.StringProperty(
        name="Name",
        description="Name of the layer. If empty, one is proposed",
        get=lambda self: self.id_data.name,
        set=lambda self, name: _rename(self.id_data, name),
        options=set(),
    )
    shown: bpy.props.BoolProperty(
        name="Show",
        description="Show the layer in viewports and renders",
        get=lambda self: not self.id_data.hide_render,
        set=lambda self, shown: _change(self.id_data, hidden=not shown),
        options=set(),
    )
    kind: bpy.props.EnumProperty(
        name="Kind",
        description="Shape of the layer",
        items=KINDS,
        **_setting("kind", lambda kind: _NUMBERS.get(kind, 0), lambda number: KINDS[number][0]),
    )
    edge: bpy.props.IntProperty(
        name="Edge",
        description="Width of the fade at the layer's edge, in pixels",
        min=0,
        max=32,
        subtype="PIXEL",
        **_setting("edge"),
    )
    choke: bpy.props.IntProperty(
        name="Choke",
        description="Pixels by which the layer's edge shrinks. Negative values make it grow",
        min=-64,
        max=64,
        subtype="PIXEL",
        **_setting("choke"),
    )
    extension: bpy.props.IntProperty(
        name="Color Extension",
        description="Pixels at the layer's edge that take their color from farther inside the "
        "layer, so that no fringe of the background shows",
        min=0,
        max=64,
        subtype="PIXEL",
        **_setting("extension"),
    )
    fill: bpy.props.EnumProperty(
        name="Fill",
        description="What the layer shows behind nearer ones and beyond the picture",
        items=FILLS,
        **_setting(
            "fill",
            lambda fill: _FILL_NUMBERS.get(fill, 0),
            lambda number: FILLS[number][0],
        ),
    )
    end: bpy.props.FloatProperty(
        name="Up To",
        description="Depth at which this layer ends and the next one begins",
        get=lambda self: _end(self.id_data),
        set=lambda self, units: _set_end(self.id_data, units),
        options=set(),
        min=0.0,
        subtype="DISTANCE",
        unit="LENGTH",
        precision=3,
    )


def _active(rig):
    if not is_layers(rig):
        return -1
    chosen = chosen_layer(bpy.context)
    return bpy.data.objects.find(chosen.name) if chosen and not chosen.library else -1


def _make_active(rig, index):
    obj = bpy.data.objects[index]
    view = bpy.context.view_layer
    if obj.parent == rig and obj.name in view.objects:
        for each in view.objects:
            each.select_set(each == obj, view_layer=view)
        view.objects.active = obj


def _change(obj, **changes):
    if is_layer_of_set(obj):
        try:
            set_layer(obj, **changes)
        except SceneError as error:
            layer_update.set_error(obj.parent, str(error))


def _rename(obj, name):
    _change(obj, name=name.strip() or None)


def _end(obj):
    if not is_layer_of_set(obj) or is_sky(obj):
        return 0.0
    rig, number = layer_place(obj)
    end = layers_cut(rig).layer(number).end
    return end * units_of(rig) if end < 1e30 else 0.0


def is_sky(obj):
    """Whether a layer's object is the sky, which has no depth."""
    return layer_place(obj)[1] == SKY


def _set_end(obj, units):
    if not is_layer_of_set(obj) or is_sky(obj):
        return
    rig, number = layer_place(obj)
    cut = layers_cut(rig)
    place = [cut.layers[index].id for index in cut.by_depth].index(number)
    if place < len(cut.thresholds):
        ends = (1e-4, *cut.thresholds, cut.sky_depth or 1e9)
        meters = min(max(units / units_of(rig), ends[place] * _APART), ends[place + 2] / _APART)
        thresholds = (*cut.thresholds[:place], meters, *cut.thresholds[place + 1 :])
        layer_update.update_layers(rig, cut.with_thresholds(thresholds))


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


_GROUPS = {
    "sharpdepth_split": SHARPDEPTH_PG_layers,
    "sharpdepth_layer_settings": SHARPDEPTH_PG_layer,
}


def register() -> None:
    """Add the properties to objects."""
    for name, group in _GROUPS.items():
        bpy.utils.register_class(group)
        setattr(bpy.types.Object, name, bpy.props.PointerProperty(type=group))
    layer_update.register()


def unregister() -> None:
    """Remove the properties; files keep their values."""
    layer_update.unregister()
    for name, group in _GROUPS.items():
        delattr(bpy.types.Object, name)
        bpy.utils.unregister_class(group)
