"""Sub-panel for the look of the live result."""

from bpy.app.translations import pgettext_iface

from ...scene import target_result
from ...scene.layers import layers_shown_for
from ...scene.live import find_modifier
from ...scene.modifier import get_input, input_property
from ..picture_settings import draw_picture_settings
from ..wrapped_label import draw_wrapped

# Labels in plain words, of inputs that are called otherwise in saved files.
_LABELS = {"Tear Ratio": "Tear Threshold"}


class SurfacePanel:
    """Inputs of the live result, and its lighting."""

    bl_label = "Surface"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context):
        """Whether there is anything to set."""
        result = target_result(context)
        return result is not None and (
            find_modifier(result) is not None
            or result.sharpdepth.can_be_lit
            or result.sharpdepth.can_be_compensated
        )

    def draw(self, context):
        """Draw the inputs that apply."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        result = target_result(context)
        if layers_shown_for(context, result):
            text = pgettext_iface("{result} is hidden: Layers has the settings of what is shown.")
            draw_wrapped(layout, context, text.format(result=result.name), "INFO")
            return
        if modifier := find_modifier(result):
            for name in _applying(result, modifier):
                data, prop = input_property(modifier, name)
                layout.prop(data, prop, text=_LABELS.get(name, name))
        draw_picture_settings(layout, context, result)


def _applying(result, modifier):
    yield from ("Output", "Resolution")
    if result.sharpdepth.depth != result.sharpdepth.metric_depth:
        yield "Sharpness"
    if get_input(modifier, "Output") == "Points":
        yield "Point Radius"
    else:
        yield from ("Tear Ratio", "Smooth Shading")
    yield from ("Near", "Far")
    if get_input(modifier, "Far") > 0:
        yield "Backdrop"
