"""Picture settings: how an object shows its picture, in the panels of all that do."""

from bpy.app.translations import pgettext_iface

from .wrapped_label import draw_wrapped


def draw_picture_settings(layout, context, obj):
    """Draw what can be set, and why it cannot.

    Args:
        layout: Layout to draw in.
        context: Context with the region.
        obj: Object that shows a picture, or empty of layers that do.
    """
    shown = obj.sharpdepth
    wanted = [
        name
        for name, offered in (
            ("lit", shown.can_be_lit),
            ("compensate_view", shown.can_be_compensated),
        )
        if offered
    ]
    column = layout.column()
    column.use_property_split = False  # which would leave their names half the width
    owner = shown.linked_material
    column.enabled = owner is None
    for name in wanted:
        column.prop(shown, name)
    if wanted and owner is not None:
        sentence = pgettext_iface("{name} is linked from another file: make it local first.")
        draw_wrapped(layout, context, sentence.format(name=owner.name), "INFO")
