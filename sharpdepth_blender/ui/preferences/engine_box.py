"""The engine box in the preferences."""

from bpy.app.translations import pgettext_iface

from ...process.install.place import LOG
from ...tasks import queue
from ...tasks.formatting import format_bytes, format_seconds
from ...tasks.install_engine import InstallTask
from ...tasks.status import Environment, chosen_environment
from ..wrapped_label import draw_end, draw_wrapped
from .allow_online import draw_offline

_STATES = {
    "missing": ("Not installed", "ERROR"),
    "foreign": ("Your own Python", "CHECKMARK"),
    "broken": ("Incomplete or broken", "ERROR"),
    "outdated": ("Update available", "ERROR"),
    "installed": ("Installed", "CHECKMARK"),
}
# Operators that apply, with a button text if it differs from the operator's name.
_BUTTONS = {
    "missing": [("install", "Install")],
    "foreign": [("check", "Check")],
    "broken": [("repair", "Repair"), ("remove", "Remove")],
    "outdated": [("install", "Update"), ("check", "Check"), ("remove", "Remove")],
    "installed": [("check", "Check"), ("repair", "Repair"), ("remove", "Remove")],
}
# Where the next thing to do needs the network.
_NEEDS_NETWORK = ("missing", "broken", "outdated")
_SHOWN_LINES = 6
_SHOWN_PACKAGES = ("torch", "diffusers", "transformers")


def draw_engine(layout, context, preferences) -> None:
    """Draw location and state of the engine, and the buttons for it."""
    found = chosen_environment()
    text, icon = _STATES[found.state]
    row = layout.row()
    row.label(text="Engine", icon="SYSTEM")
    state = row.row()
    state.alignment = "RIGHT"
    state.label(text=text, icon=icon)
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(preferences, "engine", text="Folder or Python", placeholder=str(found.place))
    _draw_facts(layout.column(align=True), context, found)
    task = queue.latest("engine")
    if task and not task.over:
        _draw_progress(layout, task)
    else:
        _draw_buttons(layout, context, found)
    draw_end(layout, context, task)
    _draw_log(layout, found, task)


def _draw_facts(column, context, found: Environment):
    def fact(name, value):
        split = column.split(factor=0.4)
        left = split.row()
        left.alignment = "RIGHT"
        left.label(text=name)
        split.label(text=value, translate=False)

    record = found.record
    if not record or not record.complete:
        return
    fact("Size", format_bytes(record.size))
    for name, what in record.devices.items():
        fact("Device", f"{name} ({what})")
    for name in _SHOWN_PACKAGES:
        fact(name, record.versions.get(name, "-"))
    for warning in record.warnings:
        draw_wrapped(column, context, warning, "ERROR")


def _draw_progress(layout, task: InstallTask):
    row = layout.row()
    stage = task.message or pgettext_iface("The installer is running")
    row.label(
        text=f"{stage} ({format_seconds(task.seconds)})",
        icon="SORTTIME",
        translate=False,
    )
    cancel = row.row()
    cancel.alignment = "RIGHT"
    cancel.operator("sharpdepth.engine_cancel", icon="CANCEL")


def _draw_buttons(layout, context, found: Environment):
    row = layout.row()
    for job, text in _BUTTONS[found.state]:
        row.operator(f"sharpdepth.engine_{job}", text=text)
    if found.state in _NEEDS_NETWORK:
        draw_offline(layout, context)


def _draw_log(layout, found: Environment, task: InstallTask | None):
    column = layout.column(align=True)
    column.scale_y = 0.8
    column.active = False
    shown = task.lines if task and (task.error or not task.over) else []
    for line in shown[-_SHOWN_LINES:]:
        column.label(text=line, translate=False)
    log = found.place / LOG
    if log.is_file():
        row = layout.row()
        row.alignment = "LEFT"
        row.operator("wm.path_open", text="Open Log", icon="TEXT").filepath = str(log)
