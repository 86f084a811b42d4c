"""Set up projection: project the panel's picture from its camera onto the selected meshes."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...api.projecting import project_shot
from ...scene import SceneError, target_result
from ...scene.camera import is_panoramic_camera
from ...scene.camera_at import camera_at
from ...scene.live import find_modifier
from ...scene.perspective import check_perspective
from ...scene.projection import ProjectionError, shot_of_result
from ...scene.result_marks import is_panoramic
from ...scene.taken import find_camera
from ...tasks.inputs import read_source, shot_of_settings
from .target import finds


def shot_to_project(context):
    """Return the panel's picture with its camera, or else those of the live result.

    Args:
        context: Context whose scene settings name picture and camera.

    Raises:
        SceneError: Neither is available.
    """
    result = target_result(context)
    try:
        shot = shot_of_settings(context)
        if shot.matrix is None:
            raise ProjectionError(
                "The camera of the picture is unknown: no camera shows it as its background. Make "
                "it one, choose Scene Camera, or generate a depth mesh first."
            )
    except SceneError as error:
        if result is None or find_modifier(result) is None:
            raise
        note = pgettext_rpt("Using the picture of {result}: {why}")
        note = note.format(result=result.name, why=error)
        return shot_of_result(context.scene, result).noting([note])
    return shot


class SHARPDEPTH_OT_set_up_projection(bpy.types.Operator):
    """`bpy.ops.sharpdepth.set_up_projection()`: the panel's picture onto the selected meshes."""

    bl_idname = "sharpdepth.set_up_projection"
    bl_label = "Set Up Projection"
    bl_description = (
        "Project the picture onto the selected meshes from a locked copy of its camera. Surfaces "
        "hidden from the camera are not painted. Each new projection is added on top"
    )
    bl_options = {"REGISTER", "UNDO"}

    facing_fade: bpy.props.FloatProperty(
        name="Angle Fade",
        description="Fade where surfaces turn away from the camera: full strength where the cosine "
        "of the angle reaches this value",
        default=0.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    keep_material: bpy.props.BoolProperty(
        name="Keep Material",
        description="Show the original material where nothing is painted, instead of transparency. "
        "Removing the projections restores it in any case",
        default=False,
    )
    mask: bpy.props.StringProperty(
        name="Mask",
        description="Paint only where this image, aligned with the picture, is white",
        options={"SKIP_SAVE"},
    )
    attribute: bpy.props.StringProperty(
        name="Color Attribute",
        description="Paint only where this color attribute of the meshes is white",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context):
        """Whether a mesh is selected, and the picture is no panorama."""
        if context.mode != "OBJECT" or not _meshes(context):
            cls.poll_message_set("Select meshes in Object Mode to project onto")
            return False
        return finds(cls, context, _check_picture)

    def draw(self, context):
        """Draw the settings that can be changed afterwards."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "facing_fade")
        layout.prop(self, "keep_material")
        layout.prop_search(self, "mask", bpy.data, "images")
        layout.prop(self, "attribute")

    def execute(self, context):
        """Set it up."""
        objects = _meshes(context)
        try:
            shot = shot_to_project(context)
            project_shot(
                objects,
                shot,
                context.scene,
                find_camera(shot.taken) or camera_at(context.scene),
                mask=self._mask(),
                facing_fade=self.facing_fade,
                keep_material=self.keep_material,
            )
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for note in shot.notes:
            self.report({"INFO"}, note)
        text = pgettext_rpt("Projected {name} onto {objects}.")
        names = ", ".join(obj.name for obj in objects)
        self.report({"INFO"}, text.format(name=shot.name, objects=names))
        return {"FINISHED"}

    def _mask(self):
        if self.mask and self.attribute:
            raise ProjectionError("Choose an image or a color attribute as the mask, not both.")
        if not self.mask:
            return self.attribute or None
        image = bpy.data.images.get(self.mask)
        if image is None:
            raise ProjectionError("Image not found: {name}.", name=self.mask)
        return image


def _check_picture(context):
    """Raise SceneError where the picture to project would be a result's, and that is a panorama."""
    result = target_result(context)
    if result is None or not is_panoramic(result):
        return
    try:
        _, camera = read_source(context)
        if camera is not None and not is_panoramic_camera(camera):
            return  # it shows another picture
    except SceneError:
        pass
    check_perspective(result)


def _meshes(context):
    return [obj for obj in context.selected_objects if obj.type == "MESH"]
