"""The first five minutes, as `docs/first_steps.md` tells them, with a screenshot of each step.

blender --python first_steps.py -- FOLDER PICTURE
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
LAST = 48


def story(teller):
    queue = importlib.import_module(f"{PACKAGE}.tasks.queue")
    layers = importlib.import_module(f"{PACKAGE}.scene.layers")
    notes = teller.notes

    def idle():
        return not queue.running()

    # An empty scene, the picture, Generate.
    yield from teller.open_picture(PACKAGE, sys.argv[-1], "Layers", "Camera Move")
    scene, space = bpy.context.scene, teller.area("VIEW_3D").spaces.active
    teller.screenshot("steps_picture")
    with teller.over():
        bpy.ops.sharpdepth.plain_colors()
        bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
    yield idle
    notes["problem"] = queue.error()
    result = next(obj for obj in scene.objects if layers.is_layers(obj) or "depth" in obj.name)
    notes["result"] = result.name
    notes["size"] = [scene.render.resolution_x, scene.render.resolution_y]

    # Its picture on it, through its camera.
    with teller.over():
        bpy.context.view_layer.objects.active = result
        bpy.ops.sharpdepth.look_through()
    yield 12.0
    teller.screenshot("steps_look_through")

    # A known length; the clicks are told as the operator gets them.
    places = [result.matrix_world @ Vector(place) for place in ((-1, -0.5, -4), (1, -0.5, -4))]
    with teller.over():
        bpy.ops.sharpdepth.set_scale(
            distance=2.5, first=places[0].to_tuple(), second=places[1].to_tuple()
        )
    notes["scaled"] = True
    space.shading.type, space.shading.color_type = "SOLID", "TEXTURE"
    space.shading.light = "FLAT"
    space.region_3d.view_perspective = "PERSP"
    seen_by = scene.camera.matrix_world
    with teller.over():
        space.region_3d.view_rotation = seen_by.to_quaternion()
        space.region_3d.view_location = seen_by @ Vector((0, 0, -5))
        space.region_3d.view_distance = 9
        bpy.ops.view3d.view_orbit(angle=0.5, type="ORBITLEFT")
        bpy.ops.view3d.view_orbit(angle=0.2, type="ORBITUP")
    yield 1.0
    teller.screenshot("steps_beside")

    # Layers, from the same side.
    with teller.over():
        bpy.ops.sharpdepth.split_layers()
    yield 2.0
    rig = next(obj for obj in scene.objects if layers.is_layers(obj))
    notes["layers"] = len(layers.layer_objects(rig))
    bpy.context.view_layer.objects.active = rig
    space.shading.type = "MATERIAL"
    yield 1.0
    teller.scroll_down()
    yield 15.0
    teller.screenshot("steps_layers")
    space.shading.type = "SOLID"

    # A dolly, and what it uncovers.
    camera = scene.camera
    scene.frame_start, scene.frame_end = 1, LAST
    camera.keyframe_insert("location", frame=1)
    camera.location = camera.matrix_world @ Vector((0.2, 0.05, -0.1))
    camera.keyframe_insert("location", frame=LAST)
    scene.frame_set(1)
    with teller.over():
        bpy.ops.sharpdepth.check_move(step=LAST - 1)
    yield idle
    text = bpy.data.texts.get("SharpDepth Check Move")
    notes["report"] = text.as_string() if text else ""
    scene.frame_set(LAST)
    with teller.over():
        bpy.ops.sharpdepth.look_through()
    yield 1.0
    teller.scroll_down()
    yield 15.0
    teller.screenshot("steps_move")


Teller(Path(sys.argv[-2])).tell(story)
