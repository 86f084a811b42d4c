"""Clean plates: make, paint, edit elsewhere, save and reload the active layer's."""

import os

import bpy
from bpy.app.translations import pgettext_rpt

from ...api import new_clean_plate, save_clean_plate
from ...scene import SceneError
from ...scene.layers import clean_files, clean_plate
from ...scene.layers.clean_plate import place_clean_plates, plate_in_the_way
from ...scene.layers.painting import ready_to_paint
from ...scene.linked import check_local
from .of_layer import OfLayer, show_to_paint

_BESIDE = ("BESIDE", "Keep Both", "Leave that file as it is, and write another one beside it")
_OVERWRITE = ("OVERWRITE", "Overwrite", "Write over that file")


class _OfPlate(OfLayer):
    """Base of operators on the active layer's clean plate."""

    needs = staticmethod(clean_plate)
    missing = "The active layer has no clean plate"


class SHARPDEPTH_OT_new_clean_plate(OfLayer, bpy.types.Operator):
    """`bpy.ops.sharpdepth.new_clean_plate(existing="BESIDE")`, for the active layer."""

    bl_idname = "sharpdepth.new_clean_plate"
    bl_label = "New Clean Plate"
    bl_description = (
        "Add an empty image over the active layer to paint on, in a file beside the .blend. It "
        "stays as it is whatever happens to the layers"
    )

    existing: bpy.props.EnumProperty(
        name="Existing File",
        description="What to do with a file of that name",
        items=[_BESIDE, ("USE", "Use It", "Show what is in that file"), _OVERWRITE],
        options={"SKIP_SAVE"},
    )

    def invoke(self, context, event):
        """Ask what to do with a file that is there already."""
        if plate_in_the_way(context.view_layer.objects.active):
            return context.window_manager.invoke_props_dialog(self)
        return self.execute(context)

    def draw(self, context):
        """Name the file, and offer the choices."""
        path = plate_in_the_way(context.view_layer.objects.active)
        self.layout.label(text=path, icon="FILE_IMAGE", translate=False)
        self.layout.prop(self, "existing", expand=True)

    def _apply(self, context, obj):
        plate = new_clean_plate(obj, existing=self.existing)
        text = pgettext_rpt("Paint on {image}, which is packed until the .blend is saved.")
        if path := clean_files.plate_path(plate):
            text = pgettext_rpt("Paint on {image}: {path}")
        self.report({"INFO"}, text.format(image=plate.name, path=path))


class SHARPDEPTH_OT_paint_layer(OfLayer, bpy.types.Operator):
    """`bpy.ops.sharpdepth.paint_layer(texture_paint=False)`, for the active layer."""

    bl_idname = "sharpdepth.paint_layer"
    bl_label = "Paint Layer"
    bl_description = (
        "Make the active layer's clean plate the image to paint on, in the Image Editors and in "
        "Texture Paint; add it or enlarge it if necessary"
    )

    texture_paint: bpy.props.BoolProperty(
        name="Texture Paint",
        description="Also switch the layer to Texture Paint",
        default=False,
        options={"SKIP_SAVE"},
    )

    def _apply(self, context, obj):
        if self.texture_paint:
            check_local(obj.data or obj)
        show_to_paint(context, obj, ready_to_paint(obj), self.texture_paint)


class SHARPDEPTH_OT_edit_clean_plate(_OfPlate, bpy.types.Operator):
    """`bpy.ops.sharpdepth.edit_clean_plate()`, of the active layer."""

    bl_idname = "sharpdepth.edit_clean_plate"
    bl_label = "Edit Externally"
    bl_description = (
        "Save the active layer's clean plate and open its file in the image editor of the "
        "preferences. What is saved there is read again"
    )
    bl_options = {"REGISTER"}

    def _apply(self, context, obj):
        plate = clean_plate(obj)
        if plate.is_dirty or not os.path.isfile(clean_files.plate_path(plate)):
            save_clean_plate(obj)
        path = clean_files.plate_path(plate)
        if not path:
            raise clean_files.CleanPlateError("Save the .blend first: {image} is packed.",
                                              image=plate.name)  # fmt: skip
        try:
            bpy.ops.image.external_edit(filepath=path)
        except RuntimeError as error:  # what that operator reports
            raise SceneError("{why}", why=str(error).removeprefix("Error: ").strip()) from error


class SHARPDEPTH_OT_save_clean_plate(_OfPlate, bpy.types.Operator):
    """`bpy.ops.sharpdepth.save_clean_plate(existing="BESIDE")`, of the active layer."""

    bl_idname = "sharpdepth.save_clean_plate"
    bl_label = "Save Clean Plate"
    bl_description = (
        "Write the active layer's clean plate to its file. Where another program has changed that, "
        "both are kept unless you choose to overwrite it"
    )
    bl_options = {"REGISTER"}

    existing: bpy.props.EnumProperty(
        name="Changed File",
        description="What to do where another program has changed the file",
        items=[_BESIDE, _OVERWRITE],
        options={"SKIP_SAVE"},
    )

    def invoke(self, context, event):
        """Ask what to do with a file that another program has changed."""
        if clean_files.is_changed_outside(clean_plate(context.view_layer.objects.active)):
            return context.window_manager.invoke_props_dialog(self)
        return self.execute(context)

    def draw(self, context):
        """Say which file was changed, and offer the choices."""
        plate = clean_plate(context.view_layer.objects.active)
        self.layout.label(text="Changed by another program:", icon="ERROR")
        self.layout.label(text=clean_files.plate_path(plate), translate=False)
        self.layout.prop(self, "existing", expand=True)

    def _apply(self, context, obj):
        path = save_clean_plate(obj, existing=self.existing)
        self.report({"INFO"}, pgettext_rpt("Saved {path}").format(path=path or obj.name))


class SHARPDEPTH_OT_reload_clean_plate(_OfPlate, bpy.types.Operator):
    """`bpy.ops.sharpdepth.reload_clean_plate()`, of the active layer."""

    bl_idname = "sharpdepth.reload_clean_plate"
    bl_label = "Reload Clean Plate"
    bl_description = "Read the active layer's clean plate from its file, discarding unsaved paint"
    bl_options = {"REGISTER"}

    def invoke(self, context, event):
        """Ask before paint is discarded."""
        if clean_plate(context.view_layer.objects.active).is_dirty:
            return context.window_manager.invoke_confirm(self, event)
        return self.execute(context)

    def _apply(self, context, obj):
        plate = clean_plate(obj)
        if not clean_files.plate_path(plate):
            raise clean_files.CleanPlateError("{image} has no file yet.", image=plate.name)
        clean_files.reload_plate(plate)
        place_clean_plates([plate])


CLEAN_PLATES = (
    SHARPDEPTH_OT_new_clean_plate,
    SHARPDEPTH_OT_paint_layer,
    SHARPDEPTH_OT_edit_clean_plate,
    SHARPDEPTH_OT_save_clean_plate,
    SHARPDEPTH_OT_reload_clean_plate,
)
