"""Sub-panel for sequences."""

from bpy.app.translations import pgettext_iface

from ...tasks.inputs import standing_sequence
from ..operators.generate_sequence import frame_numbers


class SequencePanel:
    """Frame range, output folder and stabilization."""

    bl_label = "Sequence"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw the scene's frame range and the settings."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.sharpdepth
        numbers = frame_numbers(context.scene)
        if numbers:
            text = pgettext_iface("Frames {first} to {last}")
            text = text.format(first=numbers[0], last=numbers[-1])
            layout.label(text=text, icon="RENDER_ANIMATION", translate=False)
        layout.prop(settings, "sequence_folder")
        layout.prop(settings, "window", text="Smoothing")  # the name does not fit
        if settings.keep_both or standing_sequence(context):
            layout.prop(settings, "keep_both")
        layout.operator("sharpdepth.generate_sequence", icon="RENDER_ANIMATION")
