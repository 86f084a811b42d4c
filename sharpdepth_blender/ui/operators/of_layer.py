"""Of layer: what operators on the active layer have in common."""

import bpy

from ...scene import SceneError
from ...scene.layers import is_layer
from ...scene.layers.painting import give_paint_mesh
from ...tasks import layer_update
from ..layer_settings import is_layer_of_set


class OfLayer:
    """Base of operators on the active layer.

    Attributes:
        needs: Called with the layer; the operator is there where the answer is true.
        missing: Why it is not.
    """

    bl_options = {"REGISTER", "UNDO"}
    needs = staticmethod(lambda obj: True)
    missing = ""

    @classmethod
    def poll(cls, context):
        """Whether a layer is active that has what is needed."""
        obj = context.view_layer.objects.active
        if not is_layer(obj):
            cls.poll_message_set("Make a layer active")
        elif not cls.needs(obj):
            cls.poll_message_set(cls.missing)
        else:
            return True
        return False

    def execute(self, context):
        """Apply it to the active layer, of which a draft is cut in full first."""
        layer_update.finish_drafts()
        try:
            self._apply(context, context.view_layer.objects.active)
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class OfLayerOfSet(OfLayer):
    """Base of operators on the active layer that ask its set for something."""

    needs = staticmethod(is_layer_of_set)
    missing = "The active layer was taken out of its set"


def show_to_paint(context, obj, image, texture_paint):
    """Have an image be what is painted on, in the Image Editors and, if asked, in Texture Paint."""
    settings = context.scene.tool_settings.image_paint
    settings.canvas = image
    for area in context.screen.areas if context.screen else ():
        space = area.spaces.active
        if area.type == "IMAGE_EDITOR" and not space.use_image_pin:
            space.image = image
    if texture_paint:
        settings.mode = "MATERIAL"
        give_paint_mesh(obj)
        if obj.mode != "TEXTURE_PAINT":
            bpy.ops.object.mode_set(mode="TEXTURE_PAINT")
