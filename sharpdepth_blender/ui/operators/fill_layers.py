"""Fill layers: choose what layers show where the picture does not show them."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...api.filling import chosen_layers
from ...library import INPAINTER
from ...scene import SceneError
from ...scene.layers import NUMBER, meant_layers
from ...tasks import layer_update, queue
from ...tasks.errors import NotReady
from ...tasks.fill_layers import LayerFill, ModelChoice, begin_fill
from ...tasks.requirements import check_engine
from ...tasks.session import get_engine
from ...tasks.status import is_installed
from ..layer_settings import FILLS
from ..preferences.consent import describe_license, draw_lines
from .target import has_layers


class SHARPDEPTH_OT_fill_layers(bpy.types.Operator):
    """`bpy.ops.sharpdepth.fill_layers(fill="TEXTURE")`, of the selected layers, else of all."""

    bl_idname = "sharpdepth.fill_layers"
    bl_label = "Fill Layers"
    bl_description = (
        "Choose what layers show behind nearer ones and beyond the picture. Of the selected "
        "layers, or of all if none is selected"
    )
    bl_options = {"REGISTER", "UNDO"}

    fill: bpy.props.EnumProperty(
        name="Fill", description="How to fill them", items=FILLS[:2], default="TEXTURE"
    )

    @classmethod
    def poll(cls, context):
        """Whether there are layers."""
        return has_layers(cls, context)

    def execute(self, context):
        """Fill them, or begin to."""
        return fill(self, context, self.fill)


class SHARPDEPTH_OT_fill_with_model(bpy.types.Operator):
    """`bpy.ops.sharpdepth.fill_with_model(model="/models/inpainting", prompt="a wall")`."""

    bl_idname = "sharpdepth.fill_with_model"
    bl_label = "Fill with Model"
    bl_description = (
        "Have an inpainting model invent, on this computer, what layers show behind nearer ones "
        "and beyond the picture. Make sure that its license allows your use"
    )
    bl_options = {"REGISTER", "UNDO"}

    model: bpy.props.StringProperty(
        name="Folder",
        description="Folder of an inpainting model of yours in the Diffusers format, as "
        "safetensors. Empty for the one that can be downloaded",
        subtype="DIR_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    prompt: bpy.props.StringProperty(
        name="Prompt", description="What to put there, in words. Can be empty"
    )
    steps: bpy.props.IntProperty(
        name="Steps",
        description="Denoising steps of the model. Fewer are faster and coarser",
        default=30,
        min=1,
        soft_max=100,
    )
    seed: bpy.props.IntProperty(
        name="Seed", description="A different seed gives a different result", default=0, min=0
    )

    @classmethod
    def poll(cls, context):
        """Whether there are layers."""
        return has_layers(cls, context)

    def invoke(self, context, event):
        """Ask for the model."""
        return context.window_manager.invoke_props_dialog(self, width=400)

    def draw(self, context):
        """What the model is asked for."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "model")
        if not self.model:
            _draw_downloaded(layout)
        for name in ("prompt", "steps", "seed"):
            layout.prop(self, name)

    def execute(self, context):
        """Fill them, or begin to."""
        if not self.model and not is_installed(INPAINTER):
            text = pgettext_rpt("Get {name} first, or choose the folder of an inpainting model")
            self.report({"ERROR"}, text.format(name=INPAINTER.name))
            return {"CANCELLED"}
        model = bpy.path.abspath(self.model) if self.model else INPAINTER.name
        choice = ModelChoice(model, self.prompt.strip(), self.steps, self.seed)
        return fill(self, context, "MODEL", choice)


def _draw_downloaded(layout):
    """Draw the model of the catalogue with its license, and what gets it."""
    text = f"{INPAINTER.name}: {describe_license(INPAINTER)}."
    draw_lines(layout, text, "CHECKMARK" if is_installed(INPAINTER) else "IMPORT")
    if not is_installed(INPAINTER):
        layout.operator("sharpdepth.weights_get", icon="IMPORT").name = INPAINTER.name


class SHARPDEPTH_OT_cancel_fill(bpy.types.Operator):
    """`bpy.ops.sharpdepth.cancel_fill()`: layers that are not finished stay as they are."""

    bl_idname = "sharpdepth.cancel_fill"
    bl_label = "Cancel Fill"
    bl_description = "Stop filling layers; those that are finished stay filled"
    bl_options = {"INTERNAL"}

    def execute(self, context):
        """Stop it."""
        running = queue.running(LayerFill.kind)
        for task in running:
            queue.cancel(task)
        return {"FINISHED"} if running else {"CANCELLED"}


def fill(operator, context, kind: str, choice: ModelChoice | None = None) -> set[str]:
    """Fill the layers that the user means: at once where that is smooth, else beside the work."""
    rig = meant_layers(context)
    selected = [
        each for each in context.selected_objects if each.parent == rig and NUMBER in each.keys()
    ]
    layer_update.finish_drafts()
    try:
        if kind != "SMOOTH":
            check_engine()
        ((rig, numbers),) = chosen_layers(selected or [rig], context.scene).items()
        task = begin_fill(rig, kind, get_engine(), numbers, choice)
    except (SceneError, NotReady) as error:
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    return {"FINISHED"} if task is None else queue.follow(operator, task)
