"""The preferences of the add-on, as Blender keeps and shows them."""

import os

import bpy

from .chosen import ADDON, DEFAULTS
from .engine_box import draw_engine
from .weights_box import draw_weights

_DEVICES = (
    ("auto", "Automatic", "The graphics card where it can be used, else the processor"),
    ("cuda", "CUDA or ROCm", "An NVIDIA or AMD graphics card"),
    ("mps", "Metal", "The graphics processor of an Apple computer"),
    ("cpu", "CPU", "The processor, which is slow but always there"),
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
        description="Folder of the engine's environment, or a Python interpreter of your own that "
        "has PyTorch. Empty for the default folder",
        subtype="FILE_PATH",
        default=DEFAULTS.engine,
        update=_make_absolute("engine"),
    )
    models: bpy.props.StringProperty(
        name="Weights Folder",
        description="Where downloaded weights are kept. Empty for the default folder",
        subtype="DIR_PATH",
        default=DEFAULTS.models,
        update=_make_absolute("models"),
    )
    idle_minutes: bpy.props.IntProperty(
        name="Unload After",
        description="Minutes without work after which the engine ends and gives all memory back; "
        "the next picture starts it again",
        min=1,
        soft_max=120,
        default=DEFAULTS.idle_minutes,
    )
    device: bpy.props.EnumProperty(
        name="Device",
        description="What the engine computes on",
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
