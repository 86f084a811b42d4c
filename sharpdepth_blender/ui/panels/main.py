"""Main panel: from the picture to the result."""

from bpy.app.translations import pgettext_iface

from ...scene import SceneError, clip_behind, target_result
from ...scene.extent import extent_of
from ...scene.layers import layers_shown_for
from ...scene.live import find_modifier
from ...scene.plate_colors import changes_image, is_outdated, is_shifted
from ...scene.plates import active_image
from ...scene.taken import seen_by
from ...tasks import queue
from ...tasks.formatting import format_seconds, length_text
from ...tasks.inputs import standing_result
from ...tasks.requirements import missing_requirement
from ...tasks.session import start_engine_soon
from ..preferences.weights_operators import why_no_engine
from ..wrapped_label import draw_wrapped
from .camera import draw_camera


class MainPanel:
    """Source, camera, model and output; running tasks; the result."""

    bl_label = "SharpDepth"

    def draw(self, context):
        """Draw everything."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        result = target_result(context)
        missing = missing_requirement(context.scene.sharpdepth)
        _draw_settings(layout, context, result, bool(missing))
        if missing:
            _draw_missing(layout, context, missing)
        else:
            start_engine_soon()
            row = layout.row()
            row.scale_y = 1.6
            row.operator("sharpdepth.generate", icon="MESH_GRID")
        _draw_running(layout)
        sentence = queue.error()
        if sentence:
            draw_wrapped(layout, context, sentence, "ERROR")
        if not (missing or sentence):  # which come first
            _draw_colors(layout, context, result)
        if result:
            _draw_result(layout, context, result)


def _draw_settings(layout, context, result, missing):
    settings = context.scene.sharpdepth
    layout.prop(settings, "source")
    if settings.source == "IMAGE":
        layout.template_ID(settings, "image", open="image.open")
        if settings.image is None and not missing:  # which comes first
            _draw_active(layout, context)
    draw_camera(layout, context)
    layout.prop(settings, "what_for")
    _draw_model(layout, context, settings)
    if settings.has_map:
        layout.prop(settings, "depth_file")
        if settings.depth_file.lower().endswith(".exr"):
            layout.prop(settings, "depth_channel")
        layout.prop(settings, "depth_unit")
        layout.prop(settings, "depth_is_ray")
    else:
        _draw_tracks(layout, context.scene, settings)
    if forbidding := [each.license for each in settings.weights if not each.commercial]:
        text = pgettext_iface("Not for commercial use: {licenses}")
        text = text.format(licenses=", ".join(dict.fromkeys(forbidding)))
        draw_wrapped(layout, context, text, "ERROR")
    layout.prop(settings, "detail")
    if result is None or find_modifier(result) is None:  # whose own is in Surface
        layout.prop(settings, "output", expand=True)
    if settings.keep_both or standing_result(context):
        layout.prop(settings, "keep_both")


def _draw_model(layout, context, settings):
    """Draw the model by name, and why it is proposed, or that it is another one."""
    name = _label_of(settings, "model")
    if not settings.refines and (settings.has_map or settings.chosen_estimator):
        name = f"{name}, {_label_of(settings, 'estimator')}"
    layout.label(text=name, icon="NETWORK_DRIVE", translate=False)
    if use := settings.use:
        text = pgettext_iface("Proposed, because {reason}")
        draw_wrapped(layout, context, text.format(reason=pgettext_iface(use.reason)), "INFO")
    else:
        draw_wrapped(layout, context, pgettext_iface("Chosen under Advanced."), "INFO")


def _draw_active(layout, context):
    try:
        image, _ = active_image(context)
    except SceneError:
        draw_wrapped(layout, context, pgettext_iface("No image is active: choose one."), "INFO")
    else:
        text = pgettext_iface("Active: {image}").format(image=image.name)
        layout.label(text=text, icon="IMAGE_DATA", translate=False)


def _draw_tracks(layout, scene, settings):
    """Draw the tracks option with the name of their clip, which may not be the picture's."""
    clip = clip_behind(scene)
    if clip is None and not settings.use_tracks:
        return
    layout.prop(settings, "use_tracks")
    if settings.use_tracks and clip is not None:
        text = pgettext_iface("Clip: {clip}").format(clip=clip.name)
        layout.label(text=text, icon="TRACKER", translate=False)


def _draw_missing(layout, context, missing):
    """Draw what has to be installed before anything is generated, in the place of the button."""
    draw_wrapped(layout, context, missing, "ERROR")
    row = layout.row()
    row.scale_y = 1.6
    settings = context.scene.sharpdepth
    task = queue.latest("weights")
    if task and not task.over:
        row.progress(factor=task.fraction, text=f"{task.name}: {task.message}", translate=False)
        row.operator("sharpdepth.weights_cancel", text="", icon="X")
    elif not why_no_engine():
        button = row.operator("sharpdepth.weights_get", icon="IMPORT")
        button.name, button.estimator = settings.to_get
    layout.operator("sharpdepth.open_preferences", icon="PREFERENCES")


def _draw_running(layout):
    for number, generation in enumerate(queue.running()):
        column = layout.column(align=True)
        row = column.row(align=True)
        words = [f"{generation.fraction:.0%}"]
        left = generation.seconds_left
        if left is not None:
            text = pgettext_iface("{time} left")
            words.append(text.format(time=format_seconds(left)))
        row.progress(factor=generation.fraction, text="  ".join(words), translate=False)
        row.operator("sharpdepth.cancel", text="", icon="X").number = number
        text = f"{generation.name}: {pgettext_iface(generation.message)}"
        column.label(text=text, translate=False)


def _draw_colors(layout, context, result):
    """Whether the scene's view shows other colors than the picture's, and what to do about it."""
    scene, settings = context.scene, context.scene.sharpdepth
    if result is not None and is_outdated(scene, result):
        text = pgettext_iface("The view transform that the picture compensates has changed.")
        draw_wrapped(layout, context, text, "INFO")
        layout.operator("sharpdepth.update_compensation", icon="FILE_REFRESH")
        return
    if result is not None:
        shifted = is_shifted(scene, result)
    else:
        image = settings.image if settings.source == "IMAGE" else None
        shifted = image is not None and changes_image(scene, image)
    if shifted:
        view = scene.view_settings.view_transform
        text = pgettext_iface("The view transform {view} changes the picture's colors.")
        draw_wrapped(layout, context, text.format(view=view), "INFO")
        layout.operator("sharpdepth.plain_colors", icon="COLOR")


def _draw_result(layout, context, result):
    box = layout.box()
    if rig := layers_shown_for(context, result):
        box.label(text=rig.name, icon="OUTLINER_OB_EMPTY", translate=False)
        text = pgettext_iface("Shown in place of {result}, which is hidden.")
        draw_wrapped(box, context, text.format(result=result.name), "INFO")
    else:
        box.label(text=result.name, icon="OUTLINER_OB_MESH", translate=False)
        _draw_facts(box, context, result)
    box.operator("sharpdepth.look_through", icon="VIEW_CAMERA")
    box.operator("sharpdepth.match_render_size", icon="OUTPUT")
    row = box.row(align=True)
    row.operator("sharpdepth.set_scale", icon="DRIVER_DISTANCE")
    row.operator("sharpdepth.set_floor", icon="GRID")


def _draw_facts(box, context, result):
    known = result.sharpdepth
    column = box.column(align=True)
    right, up, view = extent_of(result, context.view_layer.depsgraph)
    width, depth, height = (length_text(context.scene, side) for side in (right, view, up))
    _draw_fact(column, "Width", width)
    _draw_fact(column, "Height", height)
    _draw_fact(column, "Front to Back", depth)
    if camera := seen_by(result):
        _draw_fact(column, "Camera", camera.name)
    # Otherwise nothing was fitted (yet), or each frame separately.
    if known.depth != known.metric_depth and known.scale:
        value = f"x {known.scale:.4g} {'-' if known.shift < 0 else '+'} {abs(known.shift):.4g} m"
        _draw_fact(column, "To Meters", value)
    for note in known.notes.splitlines():
        draw_wrapped(box, context, pgettext_iface(note), "INFO")


def _label_of(settings, name):
    """The name that a property's value has in the panel."""
    return settings.bl_rna.properties[name].enum_items[getattr(settings, name)].name


def _draw_fact(layout, name, value):
    split = layout.split(factor=0.4)
    left = split.row()
    left.alignment = "RIGHT"
    left.label(text=name)
    split.label(text=value, translate=False)
