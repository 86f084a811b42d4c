"""Wrapped label: multi-line text on panels, which do not wrap lines."""

import textwrap

_LETTER = 6.5  # mean width of a character in pixels, at scale 1
_MARGINS = 90  # pixels at scale 1: of the panel, of a box in it, its tabs and the icon
_FEWEST = 10


def draw_wrapped(layout, context, sentence, icon="NONE"):
    """Draw a sentence, wrapped to the width of the region.

    Args:
        layout: Layout to draw in.
        context: Context with the region.
        sentence: Text, shown without translation.
        icon: Icon before the first line.
    """
    scale = context.preferences.system.ui_scale
    letters = int((context.region.width / scale - _MARGINS) / _LETTER)
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(sentence, max(_FEWEST, letters))):
        column.label(text=line, icon="BLANK1" if number else icon, translate=False)


def draw_end(layout, context, task):
    """Draw the outcome of a finished task, if there is anything to report.

    Args:
        layout: Layout to draw in.
        context: Context with the region.
        task: tasks.task.Task, or None.
    """
    if task and task.error:
        draw_wrapped(layout, context, task.error, "ERROR")
    elif task and task.outcome:
        icon = "ERROR" if task.level == "WARNING" else "INFO"
        draw_wrapped(layout, context, task.outcome, icon)
