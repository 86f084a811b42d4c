"""Set up projection: the panel's picture is thrown from its camera onto the selected meshes."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...api import project_shot
from ...scene import SceneError, target_result
from ...scene.live import find_modifier
from ...scene.projection import ProjectionError, shot_of_result
from ...scene.taken import find_camera
from ...tasks.inputs import shot_of_settings


def shot_to_project(context):
    """The panel's picture through its camera; where that is none, the live result's that is meant.

    Args:
        context: Its scene's settings name picture and camera.

    Raises:
        SceneError: There is neither.
    """
    result = target_result(context)
    try:
        shot = shot_of_settings(context)
        if shot.matrix is None:
            raise ProjectionError(
                "The camera that took the picture is not known: no camera shows it as its "
                "background. Make it one, choose Scene Camera, or generate a depth mesh first."
            )
    except SceneError as error:
        if result is None or find_modifier(result) is None:
            raise
        note = pgettext_rpt("The picture of {result} was taken, since: {why}")
        note = note.format(result=result.name, why=error)
        return shot_of_result(context.scene, result).noting([note])
    return shot


class SHARPDEPTH_OT_set_up_projection(bpy.types.Operator):
    """`bpy.ops.sharpdepth.set_up_projection()`: of what the panel names, onto what is selected."""

    bl_idname = "sharpdepth.set_up_projection"
    bl_label = "Set Up Projection"
    bl_description = (
        "Project the picture onto the selected meshes from a locked copy of its camera. What the "
        "camera cannot see gets no paint. A further projection lies on top of those before it"
    )
    bl_options = {"REGISTER", "UNDO"}

    facing_fade: bpy.props.FloatProperty(
        name="Facing Fade",
        description="Fade where surfaces turn away from the camera: paint is whole where the "
        "cosine of the angle reaches this",
        default=0.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    keep_material: bpy.props.BoolProperty(
        name="Keep Material",
        description="Show the former material where nothing is painted; otherwise such surfaces "
        "are clear. It comes back in any case when the projections are removed",
        default=False,
    )
    mask: bpy.props.StringProperty(
        name="Mask",
        description="Paint only where this image, which fits the picture, is white",
        options={"SKIP_SAVE"},
    )
    attribute: bpy.props.StringProperty(
        name="Color Attribute",
        description="Paint only where this color attribute of the meshes is white",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context):
        """Whether a mesh is selected."""
        if context.mode != "OBJECT" or not _meshes(context):
            cls.poll_message_set("Select meshes in Object Mode to project onto")
            return False
        return True

    def draw(self, context):
        """What can be changed afterwards."""
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
                find_camera(shot.taken) or context.scene.camera,
                mask=self._mask(),
                facing_fade=self.facing_fade,
                keep_material=self.keep_material,
            )
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for note in shot.notes:
            self.report({"INFO"}, note)
        text = pgettext_rpt("{name} is projected onto {objects}.")
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
            raise ProjectionError("There is no image {name}.", name=self.mask)
        return image


def _meshes(context):
    return [obj for obj in context.selected_objects if obj.type == "MESH"]
