"""Two generations at work, then two projections on the result and their panel.

blender --python projecting.py -- FOLDER PICTURE
"""

import importlib
import sys
from pathlib import Path

import bpy
from mathutils import Vector

sys.path.insert(0, str(Path(__file__).parent))

from ui_script import Teller  # noqa: E402

bpy.context.preferences.view.show_splash = False
PACKAGE = "bl_ext.user_default.sharpdepth_blender.sharpdepth_blender"


def story(teller):
    queue = importlib.import_module(f"{PACKAGE}.tasks.queue")
    yield from teller.open_picture(PACKAGE, sys.argv[-1], "Projection")
    scene = bpy.context.scene
    with teller.over():
        bpy.ops.sharpdepth.plain_colors()
        for _ in range(2):
            bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
    yield lambda: queue.running()[0].fraction > 0.2
    teller.screenshot("progress")
    yield lambda: not queue.running()
    teller.notes["problem"] = queue.error()
    result = bpy.data.objects["plate depth mesh"]
    with teller.over():
        bpy.context.view_layer.objects.active = result
        result.select_set(True)
        bpy.ops.sharpdepth.set_up_projection()
        bpy.ops.sharpdepth.set_up_projection()
        bpy.ops.sharpdepth.look_through()
    camera = scene.camera
    camera.location = camera.matrix_world @ Vector((0.3, 0.1, 0))
    yield 1.0
    teller.scroll_down()
    yield 15.0
    teller.screenshot("projection_panel")


Teller(Path(sys.argv[-2])).tell(story)
