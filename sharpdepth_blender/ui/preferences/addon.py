"""The preferences of the add-on, as Blender keeps and shows them."""

import os

import bpy

from ...tasks.prefs import ADDON, DEFAULTS
from .engine_box import draw_engine
from .weights_box import draw_weights

_DEVICES = (
    ("auto", "Automatic", "Take the graphics card where it can be used, else the processor"),
    ("cuda", "CUDA or ROCm", "Take an NVIDIA or AMD graphics card"),
    ("mps", "Metal", "Take the graphics processor of an Apple computer"),
    ("cpu", "CPU", "Take the processor, which is slow but always there"),
)


def _make_absolute(name):
    """The engine's process stands elsewhere and knows neither the file nor `~`."""

    def update(self, context):
        path = getattr(self, name)
        absolute = os.path.expanduser(bpy.path.abspath(path))
        if absolute != path:
            setattr(self, name, absolute)

    return update


class SharpDepthPreferences(bpy.types.AddonPreferences):
    """Where engine and weights are, and how the engine runs."""

    bl_idname = ADDON

    engine: bpy.props.StringProperty(
        name="Engine",
        description="Choose the folder of the engine's environment, or a Python interpreter of "
        "your own that has PyTorch. Leave it empty for the default folder",
        subtype="FILE_PATH",
        default=DEFAULTS.engine,
        update=_make_absolute("engine"),
    )
    models: bpy.props.StringProperty(
        name="Weights Folder",
        description="Choose where downloaded weights are kept. Leave it empty for the default "
        "folder",
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
        description="Choose what the engine computes on",
        items=_DEVICES,
        default=DEFAULTS.device,
    )

    def draw(self, context):
        """Show all of it."""
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
