"""The sub-panel of the camera that took the picture."""

from bpy.app.translations import pgettext_iface

from ..wrapped_label import draw_wrapped


class CameraPanel:
    """Which camera took the picture, and its field of view where nobody else knows."""

    bl_label = "Camera"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """The choice, and what it means in this scene."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.sharpdepth
        layout.prop(settings, "camera")
        if settings.camera == "FOV":
            layout.prop(settings, "fov")
        elif settings.camera == "SCENE":
            camera = context.scene.camera
            if camera is not None:
                layout.label(text=camera.name, icon="CAMERA_DATA", translate=False)
            elif settings.source == "IMAGE":
                text = pgettext_iface(
                    "This scene has no camera: a new one is made, by what the picture's file or "
                    "else the model says of its lens."
                )
                draw_wrapped(layout, context, text, "INFO")
        layout.operator("sharpdepth.match_render_size", icon="OUTPUT")
