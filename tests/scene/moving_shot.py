"""A shot whose camera moves beyond what is there."""

import bpy


def make_moving_shot():
    """A wall as large as the frame of the camera that moves beside it from frame 1 to 11."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = 90, 60
    scene.frame_start, scene.frame_end = 1, 11
    camera = bpy.data.objects.new("Shot", bpy.data.cameras.new("Shot"))
    camera.data.lens = camera.data.sensor_width  # the frame is as wide as it is far
    scene.collection.objects.link(camera)
    scene.camera = camera
    mesh = bpy.data.meshes.new("Wall")
    corners = [(-3, -2, -6), (3, -2, -6), (3, 2, -6), (-3, 2, -6)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    scene.collection.objects.link(bpy.data.objects.new("Wall", mesh))
    camera.keyframe_insert("location", frame=1)
    camera.location.x = 1.5
    camera.keyframe_insert("location", frame=11)
    return scene
