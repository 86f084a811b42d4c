"""Panorama: a mesh around a camera that sees in all directions."""

import bpy
import numpy as np

from ..geometry.panorama import panorama_surface
from .material import picture_material
from .mesh import mesh_from_surface
from .picture import mark_pixels, new_picture
from .plate_collection import PLATE, link_to_plate
from .result import UPRIGHT
from .result_marks import COPY
from .transaction import Track, transaction
from .units import meters_per_unit

_RESOLUTION = 2048  # samples along the equator


def add_panorama(
    scene: bpy.types.Scene,
    picture: bpy.types.Image | np.ndarray,
    length: np.ndarray,
    *,
    name: str,
) -> bpy.types.Object:
    """Add the mesh that a panorama shows, at true scale, with a panoramic camera in its middle.

    It is a plain mesh, closed where the picture's edges meet. Cycles renders the panorama from the
    camera, which becomes the scene's if that has none.

    Args:
        scene: Scene to add to.
        picture: Equirectangular image, or (H, W, 3) uint8 sRGB, from which a packed one is made.
        length: (H, W) float32 meters along each pixel's ray, holes 0.
        name: Name of the plate; what is made begins with it.

    Returns:
        The new object.
    """
    unit = 1 / meters_per_unit(scene)
    surface = panorama_surface(length * np.float32(unit), resolution=_RESOLUTION)
    with transaction() as track:
        if not isinstance(picture, bpy.types.Image):
            picture = track(new_picture(f"{name} picture", picture))
            picture[COPY] = True
            mark_pixels(picture)
        material = track(picture_material(name, picture))
        for node in material.node_tree.nodes:
            if node.type == "TEX_IMAGE":
                node.extension = "REPEAT"  # across the seam
        mesh = track(mesh_from_surface(f"{name} depth mesh", surface))
        mesh.materials.append(material)
        obj = track(bpy.data.objects.new(f"{name} depth mesh", mesh))
        obj[PLATE] = name
        camera = track(_panoramic_camera(f"{name} camera", length, unit, track))
        link_to_plate(scene, name, [obj, camera], None, track)
        for each in (obj, camera):
            each.matrix_world = UPRIGHT.copy()
    scene.camera = scene.camera or camera
    return obj


def _panoramic_camera(name: str, length: np.ndarray, unit: float, track: Track) -> bpy.types.Object:
    data = track(bpy.data.cameras.new(name))
    data.type = "PANO"
    # Before 5.0 it was a property of Cycles.
    kind = data if hasattr(data, "panorama_type") else getattr(data, "cycles")  # noqa: B009
    kind.panorama_type = "EQUIRECTANGULAR"
    some = length[length > 0]
    data.clip_start = min(data.clip_start, 0.5 * float(some.min()) * unit)
    data.clip_end = max(data.clip_end, 2 * float(some.max()) * unit)
    return bpy.data.objects.new(name, data)
