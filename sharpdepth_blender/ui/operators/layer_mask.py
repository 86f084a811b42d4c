"""Layer masks: tell by hand which pixels belong to the active layer."""

import bpy

from ...api import set_layer_mask
from ...scene.layers import LayerMask, cryptomatte_names, mask_of, new_painted_mask
from ...scene.layers.layer_root import NUMBER
from ...scene.layers.painting import ready_to_mask
from ...tasks import layer_update
from ..layer_settings import is_layer_of_set
from .of_layer import OfLayer, OfLayerOfSet, show_to_paint

_ADDS = "Pixels outside the mask still go by depth, instead of being left out of the layer"


def _has_mask(obj):
    return is_layer_of_set(obj) and mask_of(obj.parent, obj[NUMBER]) is not None


class SHARPDEPTH_OT_paint_mask(OfLayerOfSet, bpy.types.Operator):
    """`bpy.ops.sharpdepth.paint_mask(texture_paint=False)`, of the active layer."""

    bl_idname = "sharpdepth.paint_mask"
    bl_label = "Paint Mask"
    bl_description = (
        "Paint which pixels belong to the active layer: white adds them, black takes them out, and "
        "where nothing is painted depth decides"
    )

    texture_paint: bpy.props.BoolProperty(
        name="Texture Paint",
        description="Also switch the layer to Texture Paint",
        default=False,
        options={"SKIP_SAVE"},
    )

    def _apply(self, context, obj):
        image = new_painted_mask(obj.parent, obj[NUMBER])
        ready_to_mask(obj, image)
        show_to_paint(context, obj, image, self.texture_paint)
        layer_update.follow_masks(obj.parent)


class SHARPDEPTH_OT_draw_mask(OfLayerOfSet, bpy.types.Operator):
    """`bpy.ops.sharpdepth.draw_mask(mask=..., adds=False)`, for the active layer."""

    bl_idname = "sharpdepth.draw_mask"
    bl_label = "Use Drawn Mask"
    bl_description = (
        "Take the pixels of the active layer from a mask drawn in the Image Editor or Movie Clip "
        "Editor, with its animation"
    )

    mask: bpy.props.StringProperty(
        name="Mask", description="Name of the mask", options={"SKIP_SAVE"}
    )
    adds: bpy.props.BoolProperty(
        name="Add to Depth", description=_ADDS, default=False, options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context):
        """Whether a layer is active and a mask is drawn."""
        if not bpy.data.masks:
            cls.poll_message_set("Draw a mask in the Image Editor first, in its mode Mask")
            return False
        return super().poll(context)

    def invoke(self, context, event):
        """Ask which mask."""
        self.mask = bpy.data.masks[0].name
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context):
        """Offer the masks of the file."""
        self.layout.prop_search(self, "mask", bpy.data, "masks")
        self.layout.prop(self, "adds")

    def _apply(self, context, obj):
        name = self.mask or bpy.data.masks[0].name
        mask = LayerMask("DRAWN", bpy.data.masks.get(name), adds=self.adds)
        set_layer_mask(obj, mask)


class SHARPDEPTH_OT_open_mask(OfLayerOfSet, bpy.types.Operator):
    """`bpy.ops.sharpdepth.open_mask(filepath=..., names="", adds=False)`, for the active layer."""

    bl_idname = "sharpdepth.open_mask"
    bl_label = "Open Mask"
    bl_description = (
        "Take the pixels of the active layer from a file: a picture's alpha, else its luminance, "
        "or objects of a Cryptomatte"
    )

    filepath: bpy.props.StringProperty(
        name="File", description="Picture or Cryptomatte", subtype="FILE_PATH"
    )
    filter_glob: bpy.props.StringProperty(
        default="*.png;*.exr;*.tif;*.tiff;*.jpg;*.jpeg;*.webp", options={"HIDDEN"}
    )
    names: bpy.props.StringProperty(
        name="Cryptomatte Names",
        description="Names of objects in a Cryptomatte, separated by commas. Empty for a picture",
        options={"SKIP_SAVE"},
    )
    adds: bpy.props.BoolProperty(
        name="Add to Depth", description=_ADDS, default=False, options={"SKIP_SAVE"}
    )

    def invoke(self, context, event):
        """Ask for the file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def _apply(self, context, obj):
        names = tuple(name for each in self.names.split(",") if (name := each.strip()))
        path = bpy.path.abspath(self.filepath)
        if not names and path.lower().endswith(".exr") and (found := cryptomatte_names(path)):
            self.report({"INFO"}, ", ".join(found))
        set_layer_mask(obj, LayerMask("FILE", path=self.filepath, names=names, adds=self.adds))


class SHARPDEPTH_OT_clear_mask(OfLayer, bpy.types.Operator):
    """`bpy.ops.sharpdepth.clear_mask()`, of the active layer."""

    bl_idname = "sharpdepth.clear_mask"
    bl_label = "Clear Mask"
    bl_description = (
        "Remove the mask, so that depth alone tells which pixels belong to the active layer"
    )
    needs = staticmethod(_has_mask)
    missing = "The active layer has no mask"

    def _apply(self, context, obj):
        set_layer_mask(obj, None)


LAYER_MASKS = (
    SHARPDEPTH_OT_paint_mask,
    SHARPDEPTH_OT_draw_mask,
    SHARPDEPTH_OT_open_mask,
    SHARPDEPTH_OT_clear_mask,
)
