"""The add-on preferences."""

import os

import bpy

from ...tasks.prefs import ADDON, DEFAULTS
from .engine_box import draw_engine
from .weights_box import draw_weights

_DEVICES = (
    ("auto", "Automatic", "Use the GPU if available, else the CPU"),
    ("cuda", "CUDA or ROCm", "Use an NVIDIA or AMD graphics card"),
    ("mps", "Metal", "Use the GPU of an Apple computer"),
    ("cpu", "CPU", "Use the CPU, which is slow but always available"),
)


def _make_absolute(name):
    """Return an update callback; the engine process resolves neither `//` nor `~`."""

    def update(self, context):
        path = getattr(self, name)
        absolute = os.path.expanduser(bpy.path.abspath(path))
        if absolute != path:
            setattr(self, name, absolute)

    return update


class SharpDepthPreferences(bpy.types.AddonPreferences):
    """Locations of engine and weights, and how the engine runs."""

    bl_idname = ADDON

    engine: bpy.props.StringProperty(
        name="Engine",
        description="Folder of the engine's environment, or your own Python interpreter with "
        "PyTorch. Empty for the default folder",
        subtype="FILE_PATH",
        default=DEFAULTS.engine,
        update=_make_absolute("engine"),
    )
    models: bpy.props.StringProperty(
        name="Weights Folder",
        description="Folder for downloaded weights. Empty for the default folder",
        subtype="DIR_PATH",
        default=DEFAULTS.models,
        update=_make_absolute("models"),
    )
    idle_minutes: bpy.props.IntProperty(
        name="Unload After",
        description="Stop the engine after this many idle minutes to free its memory. It restarts "
        "on demand",
        min=1,
        soft_max=120,
        default=DEFAULTS.idle_minutes,
    )
    device: bpy.props.EnumProperty(
        name="Device",
        description="Device that the engine runs on",
        items=_DEVICES,
        default=DEFAULTS.device,
    )

    def draw(self, context):
        """Draw the preferences."""
        layout = self.layout
        draw_engine(layout.box(), context, self)
        draw_weights(layout.box(), context, self)
        running = layout.box()
        running.label(text="Running", icon="PREFERENCES")
        column = running.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(self, "device")
        column.prop(self, "idle_minutes", text="Unload After (Minutes)")
