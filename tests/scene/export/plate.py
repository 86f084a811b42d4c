"""A plate with a known result, in every kind of frame that exporters stumble over."""

import bpy
import numpy as np

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import add_depth_result, frame_scene
from sharpdepth_blender.scene.units import meters_per_unit

# Size, focal lengths, principal point, and meters in a Blender unit.
FRAMES = {
    "landscape": (Intrinsics(50, 50, 24, 18, 48, 36), 1.0),
    "portrait, shifted": (Intrinsics(44, 44, 18.5, 20, 31, 47), 1.0),
    "centimeters": (Intrinsics(50, 50, 26, 17, 48, 36), 0.01),
    "anamorphic": (Intrinsics(30, 60, 20, 21, 40, 45), 2.5),
}


def values(intrinsics, seed=0):
    """A picture of noise, a stepped depth with holes, and the metric depth behind it."""
    rng = np.random.default_rng(seed)
    height, width = intrinsics.height, intrinsics.width
    rgb = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[:height, :width]
    depth = (4 + 0.01 * x + 0.02 * y).astype(np.float32)
    depth[10:25, 12:20] = 2
    depth[3:5, 3:6] = 0
    return rgb, depth, depth * np.float32(0.9)


def add_plate(scene, frame="landscape", name="Plate é 1", **options):
    """Add the result in a scene that renders its picture, with a camera that is turned and away."""
    intrinsics, scene.unit_settings.scale_length = FRAMES[frame]
    frame_scene(scene, intrinsics)
    obj = add_depth_result(scene, *values(intrinsics), intrinsics, name=name, **options)
    pose = 1.2, 0.3, -0.4
    for each in (obj, scene.camera):
        each.rotation_euler = pose
        each.location = (np.array([0.5, -2.0, 1.5]) / scene.unit_settings.scale_length).tolist()
    scene.frame_start, scene.frame_end = 3, 7
    bpy.context.view_layer.update()
    return obj


def move_camera(scene):
    """Have the camera go and zoom from frame 3 to 7; answer its world matrix at each, in meters."""
    camera, unit = scene.camera, scene.unit_settings.scale_length
    camera.data.animation_data_clear()
    start = np.array(camera.location)
    for frame, far in ((3, 0.0), (7, 1.0)):
        camera.location = (start + far / unit).tolist()
        camera.rotation_euler.z = -0.4 + far
        camera.data.lens *= 1 + 0.2 * far
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_euler", frame=frame)
        camera.data.keyframe_insert("lens", frame=frame)
    camera.data.lens /= 1.2
    scene.frame_set(3)


def everything():
    """All datablocks of the file by name, and what is selected, active and shown."""
    kinds = (
        "objects", "meshes", "images", "materials", "cameras", "node_groups", "scenes", "actions",
        "worlds", "collections",
    )  # fmt: skip
    layer = bpy.context.view_layer
    # Else asking what is selected syncs the layer, which frees the very list that is gone through.
    layer.update()
    return {
        **{kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds},
        "selected": [obj.name for obj in layer.objects if obj.select_get()],
        "active": layer.objects.active and layer.objects.active.name,
        "frame": bpy.context.scene.frame_current,
        "scene": bpy.context.scene.name,
    }


def world_points(scene, obj):
    """(N, 3) vertices of an object's evaluated mesh in the world, meters."""
    bpy.context.view_layer.update()
    shown = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    points = np.empty((len(shown.data.vertices), 3), np.float32)
    shown.data.vertices.foreach_get("co", points.ravel())
    matrix = np.array(shown.matrix_world)
    return (points @ matrix[:3, :3].T + matrix[:3, 3]) * meters_per_unit(scene)
