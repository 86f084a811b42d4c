"""The weights box in the preferences."""

from bpy.app.translations import pgettext_iface

from ...library import Bundled, Library
from ...tasks import queue
from ...tasks.formatting import format_bytes
from ...tasks.status import Entry, chosen_environment, list_weights
from ...tasks.task import Task
from ..settings import LABELS
from ..wrapped_label import draw_end
from .allow_online import draw_offline
from .consent import describe_license


def draw_weights(layout, context, preferences) -> None:
    """Draw the library folder, all weights, and the buttons for them."""
    layout.label(text="Weights", icon="PACKAGE")
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    default = str(Library().folder)
    column.prop(preferences, "models", text="Folder", placeholder=default)
    task = queue.latest("weights")
    if task and not task.over:
        _draw_progress(layout, task)
    draw_end(layout, context, task)
    # Otherwise the engine's box says what to do first.
    if chosen_environment().state in ("installed", "foreign"):
        draw_offline(layout, context)
    rows = layout.column()
    for entry in list_weights():
        rows.separator(factor=0.3)
        _draw_entry(rows.column(align=True), entry)


def _draw_progress(layout, task: Task):
    row = layout.row()
    text = f"{task.name}: {task.message}"
    row.progress(factor=task.fraction, text=text, translate=False)
    cancel = row.row()
    cancel.alignment = "RIGHT"
    cancel.operator("sharpdepth.weights_cancel", icon="CANCEL")


def _draw_entry(column, entry: Entry):
    weights, installed = entry.weights, entry.installed
    split = column.split(factor=0.62)
    split.label(
        text=LABELS.get(weights.name, weights.name),
        icon="CHECKMARK" if installed else "BLANK1",
        translate=False,
    )
    buttons = split.row(align=True)
    if installed is None:
        _button(buttons, weights, "get", "Continue" if entry.partial else "Get")
        _button(buttons, weights, "add", "Add from Disk")
    if entry.partial or (installed and installed.where == "library"):
        _button(buttons, weights, "remove", "Remove")
    if installed and installed.where == "hub cache":
        buttons.label(text="In the Hugging Face cache")
    if isinstance(weights.source, Bundled):
        buttons.label(text="Included in the add-on")
    details = column.column(align=True)
    details.active = False
    details.scale_y = 0.8
    details.label(text=_begin_large(weights.purpose), icon="BLANK1")
    facts = f"{_begin_large(_describe_size(entry))}. {describe_license(weights)}"
    details.label(text=facts, icon="BLANK1", translate=False)


def _describe_size(entry: Entry) -> str:
    if entry.installed:
        return format_bytes(entry.installed.size)
    about = pgettext_iface("about {size}").format(size=format_bytes(entry.weights.size))
    if not entry.partial:
        return about
    return pgettext_iface("{done} of {total}").format(done=format_bytes(entry.partial), total=about)


def _button(layout, weights, task, text):
    layout.operator(f"sharpdepth.weights_{task}", text=text).name = weights.name


def _begin_large(text: str) -> str:
    return text[:1].upper() + text[1:]
