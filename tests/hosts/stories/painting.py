"""From layers to a painted move and its export, as `docs/matte_painting.md` tells it.

blender --python painting.py -- FOLDER PICTURE
"""

import importlib
import sys
from pathlib import Path

import bpy
import numpy as np
from mathutils import Euler, Vector

sys.path.insert(0, str(Path(__file__).parent))

from ui_script import Teller  # noqa: E402

bpy.context.preferences.view.show_splash = False
PACKAGE = "bl_ext.user_default.sharpdepth_blender.sharpdepth_blender"
LAST = 48


def story(teller):
    queue = importlib.import_module(f"{PACKAGE}.tasks.queue")
    layers = importlib.import_module(f"{PACKAGE}.scene.layers")
    srgb = importlib.import_module(f"{PACKAGE}.geometry.srgb")

    def idle():
        return not queue.running()

    def report():
        return bpy.data.texts["SharpDepth Check Move"].as_string()

    # Layers of the picture, of the kinds that are proposed.
    yield from teller.open_picture(PACKAGE, sys.argv[-1], "Camera Move", "Export")
    scene, space = bpy.context.scene, teller.area("VIEW_3D").spaces.active
    with teller.over():
        bpy.ops.sharpdepth.plain_colors()
        bpy.ops.sharpdepth.generate("INVOKE_DEFAULT")
    yield idle
    teller.notes["problem"] = queue.error()
    with teller.over():
        bpy.context.view_layer.objects.active = bpy.data.objects["plate depth mesh"]
        bpy.ops.sharpdepth.split_layers()
    yield 2.0
    rig = next(obj for obj in scene.objects if layers.is_layers(obj))
    with teller.over():
        bpy.context.view_layer.objects.active = rig
        bpy.ops.sharpdepth.propose_kinds()
    yield 2.0

    # The move and its path, from beside.
    camera = scene.camera
    scene.frame_start, scene.frame_end = 1, LAST
    camera.keyframe_insert("location", frame=1)
    camera.location = camera.matrix_world @ Vector((0.25, 0.05, -0.3))
    camera.keyframe_insert("location", frame=LAST)
    camera.data.display_size = 0.4
    for obj in bpy.context.selected_objects:
        obj.select_set(False)
    camera.select_set(True)
    sky = [layer for layer in layers.layer_objects(rig) if layer.name.endswith("sky")]
    for layer in sky:  # all around
        layer.hide_set(True)
    with teller.over():
        bpy.context.view_layer.objects.active = camera
        bpy.ops.object.paths_calculate(display_type="RANGE", range="SCENE")
    space.region_3d.view_perspective = "PERSP"
    space.region_3d.view_rotation = Euler((1.1, 0, -0.7)).to_quaternion()
    space.region_3d.view_location = camera.matrix_world @ Vector((0, 0, -3))
    space.region_3d.view_distance = 11
    space.shading.type = "MATERIAL"
    scene.frame_set(LAST // 2)
    yield 60.0
    teller.screenshot("painting_move")
    for layer in sky:
        layer.hide_set(False)

    # What it shows is painted: here just in the colors that were invented.
    scene.frame_set(1)
    with teller.over():
        bpy.context.view_layer.objects.active = rig
        bpy.ops.sharpdepth.check_move(step=LAST - 1)
    yield idle
    teller.notes["before"] = report()
    for layer in layers.layer_objects(rig):
        mask = bpy.data.images.get(f"{layer.name} paint here")
        if mask is None:
            continue
        with teller.over():
            bpy.context.view_layer.objects.active = layer
            bpy.ops.sharpdepth.new_clean_plate()
        plate = layers.clean_plate(layer)
        width, height = plate.size
        here, painted = np.empty((2, height, width, 4), np.float32)
        mask.pixels.foreach_get(here.ravel())
        plate.pixels.foreach_get(painted.ravel())
        where = here[..., 0] > 0
        invented = layers.layer_pixels(layer)[::-1][where]
        painted[where, :3], painted[where, 3] = srgb.to_linear(invented[:, :3]), 1
        plate.pixels.foreach_set(painted.ravel())
        plate.update()
    with teller.over():
        bpy.context.view_layer.objects.active = rig
        bpy.ops.sharpdepth.check_move(step=LAST - 1)
    yield idle
    teller.notes["after"] = report()
    scene.frame_set(LAST)
    with teller.over():
        bpy.ops.sharpdepth.look_through()
    yield 1.0
    teller.scroll_down()
    yield 15.0
    teller.screenshot("painting_again")


Teller(Path(sys.argv[-2])).tell(story)
