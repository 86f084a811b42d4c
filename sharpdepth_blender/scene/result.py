"""Result: a picture with its depth becomes an object in the scene."""

import math
from contextlib import contextmanager

import bpy
import numpy as np
from mathutils import Matrix

from ..geometry import build_surface
from .camera import camera_for, camera_matrix
from .material import color_material, picture_material
from .mesh import mesh_from_points, mesh_from_surface
from .picture import new_depth_image, new_picture
from .points import add_point_modifier

# Looks along the world's +y with +z up, as a person who stands there.
_UPRIGHT = Matrix.Rotation(math.radians(90), 4, "X")


def add_depth_result(
    scene,
    rgb,
    depth,
    metric_depth,
    intrinsics,
    *,
    name,
    output="mesh",
    step=1,
    tear_ratio=1.1,
):
    """Add the object that a picture and its depth describe.

    It lies under the picture as the scene's camera sees it, without touching that camera, at true
    scale (Blender units = metres / unit scale). A scene without a camera gets one that matches the
    picture; its render size is left to `frame_scene`. Both depth maps are kept inside the file as
    32-bit float Non-Color images, on the object's "sharpdepth_depth" and "sharpdepth_metric_depth".

    Args:
        scene: Scene to add to.
        rgb: (H, W, 3) uint8 sRGB.
        depth: (H, W) float32 metres that give the object its shape; holes are 0 or not finite.
        metric_depth: (H, W) float32 metres that the depth was made from.
        intrinsics: Intrinsics of the picture.
        name: Name of the object and, with additions, of its datablocks.
        output: "mesh", or "points" for a point cloud with colours that renders.
        step: Take every step-th sample (see `build_surface`).
        tear_ratio: Where the surface tears (see `build_surface`).

    Returns:
        The new object. When something fails, what was made is removed again.

    Raises:
        ValueError: An array does not fit the intrinsics, or an argument is outside its range.
    """
    rgb, metric_depth = np.asarray(rgb), np.asarray(metric_depth, np.float32)
    size = (intrinsics.height, intrinsics.width)
    if rgb.shape != (*size, 3) or rgb.dtype != np.uint8:
        raise ValueError(f"`rgb` must be uint8 of shape {(*size, 3)}, not {rgb.shape}.")
    if metric_depth.shape != size:
        raise ValueError(f"`metric_depth` must be of shape {size}, not {metric_depth.shape}.")
    if output not in ("mesh", "points"):
        raise ValueError(f"`output` must be 'mesh' or 'points', not {output!r}.")
    depth = np.asarray(depth, np.float32)
    surface = build_surface(depth, intrinsics, tear_ratio, step)
    units_per_metre = 1 / scene.unit_settings.scale_length

    with _all_or_nothing() as keep:
        if output == "mesh":
            mesh = keep(mesh_from_surface(name, surface, units_per_metre))
            image = keep(new_picture(f"{name} Picture", rgb))
            material = keep(picture_material(name, image))
        else:
            colors = _colors_at(rgb, surface.uvs)
            mesh = keep(mesh_from_points(name, surface.vertices, colors, units_per_metre))
            material = keep(color_material(name, "Color"))
        mesh.materials.append(material)
        obj = keep(bpy.data.objects.new(name, mesh))
        if output == "points":
            add_point_modifier(obj, material, intrinsics.fx)
        obj["sharpdepth_depth"] = keep(new_depth_image(f"{name} Depth", depth))
        obj["sharpdepth_metric_depth"] = keep(new_depth_image(f"{name} Metric Depth", metric_depth))
        camera = scene.camera
        if camera is None:
            camera = keep(camera_for(intrinsics))
            keep(camera.data)
            camera.matrix_world = _UPRIGHT
            _keep_in_sight(camera.data, surface.vertices, units_per_metre)
            scene.collection.objects.link(camera)
            scene.camera = camera
        scene.collection.objects.link(obj)
        obj.matrix_world = camera_matrix(scene, camera)
    return obj


@contextmanager
def _all_or_nothing():
    """Give `keep(datablock)`, which notes what was made; all of it is removed on an error."""
    made = []

    def keep(datablock):
        made.append(datablock)
        return datablock

    try:
        yield keep
    except BaseException:
        bpy.data.batch_remove(made)
        raise


def _colors_at(rgb, uvs):
    """The picture's colours at UVs on texel centres."""
    height, width = rgb.shape[:2]
    columns = (uvs[:, 0] * width).astype(np.intp)
    rows = ((1 - uvs[:, 1]) * height).astype(np.intp)
    return rgb[rows, columns]


def _keep_in_sight(camera, points, units_per_metre):
    """Widen a new camera's clipping range until it holds all points."""
    if len(points):
        depth = -points[:, 2] * units_per_metre
        camera.clip_start = min(camera.clip_start, 0.5 * float(depth.min()))
        camera.clip_end = max(camera.clip_end, 2 * float(depth.max()))
