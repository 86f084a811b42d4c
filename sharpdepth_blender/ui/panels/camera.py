"""Sub-panel for the camera of the picture."""

from ...tasks.inputs import camera_of_settings
from ..wrapped_label import draw_wrapped


class CameraPanel:
    """Camera of the picture, and its field of view if chosen."""

    bl_label = "Camera"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw the choice, its meaning in this scene, and the frame that the camera renders."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.sharpdepth
        layout.prop(settings, "camera")
        if settings.camera == "FOV":
            layout.prop(settings, "fov")
        camera, sentence = camera_of_settings(context)
        if camera is not None:
            layout.label(text=camera.name, icon="CAMERA_DATA", translate=False)
        if sentence:
            draw_wrapped(layout, context, sentence, "INFO")
        layout.operator("sharpdepth.match_render_size", icon="OUTPUT")
