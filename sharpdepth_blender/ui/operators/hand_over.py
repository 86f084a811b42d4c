"""Hand over: a layer to another tool, and its answer back."""

import os
import shlex

import bpy
from bpy.app.translations import pgettext_rpt

from ... import api
from ...scene import SceneError
from ...tasks import layer_update, queue
from ...tasks.hand_over import HandedOver
from .of_layer import OfLayerOfSet


class SHARPDEPTH_OT_hand_over(OfLayerOfSet, bpy.types.Operator):
    """`bpy.ops.sharpdepth.hand_over(directory="/tmp/plate", command="tool {picture} {answer}")`."""

    bl_idname = "sharpdepth.hand_over"
    bl_label = "Hand Over"
    bl_description = (
        "Write the active layer, a mask of its invented pixels and a note to a folder, for "
        "another program. With a command, run that program and take its picture back"
    )

    directory: bpy.props.StringProperty(
        name="Folder",
        description="Folder for the picture, the mask and the note",
        subtype="DIR_PATH",
        options={"SKIP_SAVE"},
    )
    words: bpy.props.StringProperty(
        name="Note", description="What is wanted, for the note. Empty for a general sentence"
    )
    command: bpy.props.StringProperty(
        name="Command",
        description="Program and arguments, run without a shell: {picture}, {mask}, {note} and "
        "{answer} stand for the files. Empty to take the answer back yourself",
    )

    def invoke(self, context, event):
        """Ask for the folder."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, context):
        """What is beside the files."""
        self.layout.prop(self, "words")
        self.layout.prop(self, "command")

    def execute(self, context):
        """Write the files, and run the command if there is one."""
        layer_update.finish_drafts()
        layer = context.view_layer.objects.active
        folder = bpy.path.abspath(self.directory)
        try:
            if not self.command.strip():
                files = api.hand_over(layer, folder, words=self.words)
                said = pgettext_rpt("Wrote {picture} with its mask and a note.")
                self.report({"INFO"}, said.format(picture=files.picture))
                return {"FINISHED"}
            command = shlex.split(self.command, posix=os.name != "nt")
            task = HandedOver(layer, folder, command, self.words)
        except (SceneError, ValueError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return queue.follow(self, task)


class SHARPDEPTH_OT_take_back(OfLayerOfSet, bpy.types.Operator):
    """`bpy.ops.sharpdepth.take_back(filepath="/tmp/plate/wall_answer.png")`."""

    bl_idname = "sharpdepth.take_back"
    bl_label = "Take Back"
    bl_description = (
        "Put the picture that another program made onto the active layer's clean plate, where "
        "nothing is painted yet. It must have the size of the picture that was handed over"
    )

    filepath: bpy.props.StringProperty(
        name="Picture", description="Picture that the other program made", subtype="FILE_PATH"
    )

    def invoke(self, context, event):
        """Ask for the file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def _apply(self, context, obj):
        api.take_back(obj, bpy.path.abspath(self.filepath))
