"""Wrapped label: text of any length on a panel, which does not break lines itself."""

import textwrap

_LETTER = 6.5  # pixels of an interface at scale 1, on the mean
_ICON = 70  # pixels, with the panel's margins
_FEWEST = 20


def draw_wrapped(layout, context, sentence, icon="NONE"):
    """Write a sentence in as many lines as the region's width needs.

    Args:
        layout: Where.
        context: Whose region it is.
        sentence: Is shown as it is.
        icon: Before its first line.
    """
    scale = context.preferences.system.ui_scale
    letters = int((context.region.width / scale - _ICON) / _LETTER)
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(sentence, max(_FEWEST, letters))):
        column.label(text=line, icon="BLANK1" if number else icon, translate=False)


def draw_end(layout, context, task):
    """Write what a task came to, where it is over and there is something to say.

    Args:
        layout: Where.
        context: Whose region it is.
        task: tasks.task.Task, or None.
    """
    if task and task.error:
        draw_wrapped(layout, context, task.error, "ERROR")
    elif task and task.outcome:
        draw_wrapped(layout, context, task.outcome, "INFO")
