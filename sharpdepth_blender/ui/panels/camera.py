"""Sub-panel for the camera of the picture."""

from bpy.app.translations import pgettext_iface

from ...scene.camera_at import camera_at
from ..wrapped_label import draw_wrapped


class CameraPanel:
    """Camera of the picture, and its field of view if chosen."""

    bl_label = "Camera"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw the choice and its meaning in this scene."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.sharpdepth
        layout.prop(settings, "camera")
        if settings.camera == "FOV":
            layout.prop(settings, "fov")
        elif settings.camera == "SCENE":
            camera = camera_at(context.scene)
            if camera is not None:
                layout.label(text=camera.name, icon="CAMERA_DATA", translate=False)
            elif settings.source == "IMAGE":
                text = pgettext_iface(
                    "This scene has no camera: a new one is created, with the lens from the "
                    "picture's file or estimated by the model."
                )
                draw_wrapped(layout, context, text, "INFO")
