"""Projection: a picture and its camera as paint on chosen objects."""

from collections.abc import Iterable, Sequence

import bpy
import numpy as np
from mathutils import Matrix

from ...geometry import Intrinsics
from ..camera import camera_data
from ..evaluation import evaluated
from ..linked import check_local
from ..mesh import mesh_of
from ..node_groups import new_group
from ..picture import new_depth_image, replace_depth_values
from ..result import copied_picture
from ..transaction import transaction
from .camera import projection_camera, projections_collection
from .errors import ProjectionError
from .material_nodes import MARK, VERSION, uncovered
from .occlusion import map_intrinsics, seen_depth
from .projection_list import add_to_stack
from .projector import aim_projector, build_projector, camera_of, depth_of
from .slots import check_objects

# Custom property of a projection's node group: (fx, fy, cx, cy, width, height).
_LENS = "sharpdepth_lens"


def add_projection(
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    picture: bpy.types.Image | np.ndarray,
    intrinsics: Intrinsics,
    matrix: Matrix,
    *,
    name: str,
    camera: bpy.types.Object | None = None,
    mask: bpy.types.Image | str | None = None,
    facing_fade: float = 0.0,
    keep_material: bool = False,
) -> bpy.types.ShaderNodeTree:
    """Project a picture from where it was taken onto objects, on top of their projections.

    A locked camera is made at that place, in the collection "Projections", and stays whatever
    happens to the camera that took the picture. The objects get materials that show the picture
    unlit, in its own colors, wherever that camera sees them at the scene's current frame. Any
    object in the way, chosen or not, keeps paint off what is behind it. Where there is no paint,
    the surface is transparent or shows its former material. If anything fails, nothing is left
    behind.

    Args:
        scene: Scene of the objects.
        objects: Mesh objects in Object Mode, at least one.
        picture: Image of any size, whose alpha is used, or (H, W, 3) uint8 sRGB of the intrinsics'
            size, from which a packed image is made.
        intrinsics: Intrinsics of the picture.
        matrix: World matrix of the camera that took the picture, without scale.
        name: Name of the picture; its camera and node group are called "<name> Projection".
        camera: Camera object to copy the projection camera's settings from; None for the defaults.
        mask: Image that fits the picture and is white where to paint, or the name of a color
            attribute of the objects; None to paint everywhere.
        facing_fade: Cosine of the angle between surface and view below which paint fades, 0..1.
        keep_material: Whether to show the former material where nothing is painted.

    Returns:
        The projection, a shader node group.

    Raises:
        ProjectionError: An object is not a mesh or cannot be changed now, or no object has the
            color attribute.
        ValueError: The picture does not fit the intrinsics.
    """
    check_objects(objects)
    if isinstance(mask, str):
        _check_attribute(scene, objects, mask)
    with transaction() as track:
        if not isinstance(picture, bpy.types.Image):
            picture = track(copied_picture(f"{name} picture", picture, intrinsics))
        name = f"{name} projection"
        made = track(projection_camera(scene, name, picture, intrinsics, matrix, like=camera))
        track(camera_data(made))
        depth = track(new_depth_image(f"{name} depth", _depth_for(scene, made, intrinsics)))
        depth.use_half_precision = False
        group = track(new_group(name, bpy.types.ShaderNodeTree))
        image_mask = mask if isinstance(mask, bpy.types.Image) else None
        build_projector(group, made, picture, depth, intrinsics, image_mask)
        group[MARK] = VERSION
        group[_LENS] = [getattr(intrinsics, each) for each in Intrinsics.__dataclass_fields__]
        projections_collection(scene).objects.link(made)
        add_to_stack(
            objects,
            group,
            {"Facing Fade": facing_fade},
            attribute=mask if isinstance(mask, str) else None,
            keep_material=keep_material,
        )
    return group


def update_projection(scene: bpy.types.Scene, projection: bpy.types.NodeTree) -> None:
    """Update a projection after objects or its camera have moved, or meshes have changed.

    Args:
        scene: Scene of the objects, at the frame to use.
        projection: Projection to update.

    Raises:
        ProjectionError: Its camera or its depth map is gone.
        LinkedError: They are linked from another file.
    """
    camera, depth = camera_of(projection), depth_of(projection)
    if camera is None or depth is None:
        raise ProjectionError(
            "The projection {projection} has lost its camera or its depth map.",
            projection=projection.name,
        )
    check_local(depth)
    intrinsics = projection_intrinsics(projection)
    scene.view_layers[0].update()  # the camera may just have been moved
    replace_depth_values(depth, _depth_for(scene, camera, intrinsics))
    aim_projector(projection, camera)


def projection_intrinsics(projection: bpy.types.NodeTree) -> Intrinsics:
    """Intrinsics of a projection's picture."""
    fx, fy, cx, cy, width, height = projection[_LENS]
    return Intrinsics(fx, fy, cx, cy, int(width), int(height))


def _check_attribute(
    scene: bpy.types.Scene, objects: Iterable[bpy.types.Object], name: str
) -> None:
    """Raise ProjectionError if no object has the attribute, which would mask everything."""
    shown = (mesh_of(evaluated(scene, obj)) for obj in objects)
    if not any(name in data.attributes for data in shown):
        raise ProjectionError("No mesh has the color attribute {name}.", name=name)


def _depth_for(
    scene: bpy.types.Scene, camera: bpy.types.Object, intrinsics: Intrinsics
) -> np.ndarray:
    data = camera_data(camera)
    clip = data.clip_start, data.clip_end
    matrix = camera.matrix_world.normalized()
    with uncovered():
        return seen_depth(scene, map_intrinsics(intrinsics), matrix, clip)
