"""The sub-panel of the camera that took the picture."""

from ...tasks.inputs import camera_of_settings
from ..wrapped_label import draw_wrapped


class CameraPanel:
    """Which camera took the picture, and its field of view where nobody else knows."""

    bl_label = "Camera"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """The choice, what it means in this scene, and the frame that the camera renders."""
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
