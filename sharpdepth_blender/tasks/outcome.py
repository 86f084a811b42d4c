"""Outcome: what is told of the result that was there before a new depth."""

import bpy
from bpy.app.translations import pgettext_rpt

from ..scene.linked import is_foreign


def told_renewed(obj: bpy.types.Object) -> str:
    """A sentence about a result that got the new depth."""
    sentence = pgettext_rpt("{name} has its new depth.")
    if obj.hide_get() or obj.hide_viewport:
        sentence = pgettext_rpt("{name} has its new depth, and is hidden as before.")
    return sentence.format(name=obj.name)


def told_kept(obj: bpy.types.Object) -> str:
    """A sentence about a result that was left alone, so that there is another one."""
    sentence = pgettext_rpt("{name} was baked or edited, and stays beside the new result.")
    if is_foreign(obj):
        sentence = pgettext_rpt(
            "{name} is linked from another file, and stays beside the new result."
        )
    return sentence.format(name=obj.name)
