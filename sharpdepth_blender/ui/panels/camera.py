"""Choice of the picture's camera, a part of the main panel."""

from ...tasks.inputs import camera_of_settings
from ..wrapped_label import draw_wrapped


def draw_camera(layout, context):
    """Draw the choice, and which camera it means in this scene."""
    settings = context.scene.sharpdepth
    layout.prop(settings, "camera")
    if settings.camera == "FOV":
        layout.prop(settings, "fov")
    camera, sentence = camera_of_settings(context)
    if camera is not None:
        layout.label(text=camera.name, icon="CAMERA_DATA", translate=False)
    if sentence:
        draw_wrapped(layout, context, sentence, "INFO")
