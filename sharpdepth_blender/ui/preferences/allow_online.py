"""Allow online access: Blender's own preference, where downloads need it."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...tasks.online import is_forced_offline, why_offline
from ..wrapped_label import draw_wrapped


class SHARPDEPTH_OT_allow_online_access(bpy.types.Operator):
    """`bpy.ops.sharpdepth.allow_online_access()`."""

    bl_idname = "sharpdepth.allow_online_access"
    bl_label = "Allow Online Access"
    bl_description = (
        "Turn on Allow Online Access in Blender's preferences (System). All of Blender and its "
        "add-ons may access the internet then"
    )
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context):
        """Whether it is off, and the preference decides."""
        if is_forced_offline():
            cls.poll_message_set(why_offline())
        elif context.preferences.system.use_online_access:
            cls.poll_message_set("Online access is allowed already")
        else:
            return True
        return False

    def execute(self, context):
        """Turn it on."""
        context.preferences.system.use_online_access = True
        self.report({"INFO"}, pgettext_rpt("Online access is allowed."))
        return {"FINISHED"}


def draw_offline(layout, context) -> None:
    """Draw why downloads are disabled, and the way out; nothing where they are not."""
    if why := why_offline():
        draw_wrapped(layout, context, why, "INTERNET_OFFLINE")
        if not is_forced_offline():
            layout.operator("sharpdepth.allow_online_access", icon="CHECKMARK")
