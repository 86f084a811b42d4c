"""Result: a picture and its depth as a live object in the scene."""

import math
import time
from typing import TypeGuard

import bpy
import numpy as np
from mathutils import Matrix

from ..geometry import Intrinsics, valid_depth
from .camera import camera_data, camera_for, show_behind
from .errors import SceneError
from .live import add_modifier, find_modifier, lens_inputs
from .material import picture_material
from .modifier import get_input, set_input
from .picture import new_depth_image, new_picture
from .transaction import Track, transaction

# Looks along the world's +y with +z up, like a person standing there.
UPRIGHT = Matrix.Rotation(math.radians(90), 4, "X")
# Custom properties of a result: its depth maps (float Non-Color images, in meters), and the time it
# was made (seconds since 1970).
DEPTH, METRIC_DEPTH = "sharpdepth_depth", "sharpdepth_metric_depth"
MADE = "sharpdepth_made"
# The camera, if one was made for it.
CAMERA = "sharpdepth_camera"
# Custom property of an image that is our copy, not the user's own.
COPY = "sharpdepth_copy"


def is_result(obj: bpy.types.Object | None) -> TypeGuard[bpy.types.Object]:
    """Whether an object is a depth result of this add-on, live or baked."""
    return obj is not None and DEPTH in obj.keys()


def mark_result(
    obj: bpy.types.Object, depth: bpy.types.Image, metric_depth: bpy.types.Image
) -> None:
    """Mark an object as a result with these two depth images."""
    obj[DEPTH], obj[METRIC_DEPTH] = depth, metric_depth
    if MADE not in obj.keys():
        obj[MADE] = time.time()


def add_depth_result(
    scene: bpy.types.Scene,
    picture: bpy.types.Image | np.ndarray,
    depth: np.ndarray,
    metric_depth: np.ndarray,
    intrinsics: Intrinsics,
    *,
    name: str,
    matrix: Matrix | None = None,
    pose: Matrix | None = None,
    output: str = "Mesh",
    resolution: int | None = None,
) -> bpy.types.Object:
    """Add a live object made from a picture and its depth.

    It matches the picture as seen from the camera, at true scale (Blender units = meters / unit
    scale). Without a camera, one is made that matches the picture and shows it as its background;
    it becomes the scene's camera if the scene has none. The depth maps are packed into the file as
    32-bit float Non-Color images. If anything fails, nothing is left behind.

    Args:
        scene: Scene to add to.
        picture: Image of the intrinsics' size or larger, or (H, W, 3) uint8 sRGB of that size, from
            which a packed image is made.
        depth: (H, W) float32 meters that give the object its shape; holes are 0 or not finite.
        metric_depth: (H, W) float32 meters that the depth was made from, likewise.
        intrinsics: Intrinsics of the depth maps.
        name: Name of the object; its datablocks' names start with it.
        matrix: World matrix of the camera that took the picture, without scale; None to make a
            camera.
        pose: World matrix of a camera that is made; None for one that looks along +y, level.
        output: "Mesh", or "Points" for a colored, renderable point cloud.
        resolution: Samples along the longer side; None for the modifier's default.

    Returns:
        The new object.

    Raises:
        ValueError: An array does not fit the intrinsics, or an argument is outside its range.
    """
    depth, metric_depth = _checked(depth, intrinsics), _checked(metric_depth, intrinsics)
    if output not in ("Mesh", "Points"):
        raise ValueError(f"`output` must be 'Mesh' or 'Points', not {output!r}.")

    with transaction() as track:
        if not isinstance(picture, bpy.types.Image):
            picture = track(copied_picture(f"{name} Picture", picture, intrinsics))
        material = track(picture_material(name, picture))
        mesh = track(bpy.data.meshes.new(name))
        mesh.materials.append(material)
        obj = track(bpy.data.objects.new(name, mesh))
        modifier = add_modifier(obj)
        inputs = {
            "Output": output,
            "Material": material,
            "Picture": picture,
            "Units per Meter": 1 / scene.unit_settings.scale_length,
        }
        if resolution is not None:
            inputs["Resolution"] = resolution
        for key, value in inputs.items():
            set_input(modifier, key, value)
        _set_depth(obj, modifier, depth, metric_depth, intrinsics, track)
        if matrix is None:
            camera = track(camera_for(scene, intrinsics))
            data = track(camera_data(camera))
            show_behind(camera, picture)
            camera.matrix_world = matrix = pose or UPRIGHT
            _keep_in_sight(data, depth / scene.unit_settings.scale_length)
            scene.collection.objects.link(camera)
            scene.camera = scene.camera or camera
            obj[CAMERA] = camera
        scene.collection.objects.link(obj)
        obj.matrix_world = matrix
    return obj


def replace_depth(
    obj: bpy.types.Object,
    picture: bpy.types.Image | np.ndarray,
    depth: np.ndarray,
    metric_depth: np.ndarray,
    intrinsics: Intrinsics,
) -> None:
    """Replace the picture and depth maps of a live result, such as by larger ones.

    The old images are removed unless others use them.

    Args:
        obj: Live result.
        picture: As for `add_depth_result`.
        depth: (H, W) float32 meters.
        metric_depth: (H, W) float32 meters.
        intrinsics: Intrinsics of that size, of the same camera as before.

    Raises:
        SceneError: The object is no longer a live result.
        ValueError: An array does not fit the intrinsics.
    """
    depth, metric_depth = _checked(depth, intrinsics), _checked(metric_depth, intrinsics)
    modifier = find_modifier(obj)
    if not is_result(obj) or modifier is None:
        raise SceneError("{obj} is no live depth result any more.", obj=obj.name)
    shown = get_input(modifier, "Picture")
    before = {obj.get(DEPTH), obj.get(METRIC_DEPTH)}
    with transaction() as track:
        if not isinstance(picture, bpy.types.Image):
            picture = track(copied_picture(f"{obj.name} Picture", picture, intrinsics))
        _set_depth(obj, modifier, depth, metric_depth, intrinsics, track)
    if shown is None:
        set_input(modifier, "Picture", picture)
    elif COPY in shown.keys() and shown != picture:
        shown.user_remap(picture)  # in the material and behind the camera, too
        before.add(shown)
    bpy.data.batch_remove([image for image in before if image and image.users == 0])
    # The names were taken by the images just removed.
    obj[METRIC_DEPTH].name, obj[DEPTH].name = f"{obj.name} Metric Depth", f"{obj.name} Depth"
    if COPY in picture.keys():
        picture.name = f"{obj.name} Picture"


def remove_result(obj: bpy.types.Object) -> None:
    """Remove a result, with everything that was made for it and nothing else uses."""
    modifier = find_modifier(obj)
    made = [obj.data, obj.get(DEPTH), obj.get(METRIC_DEPTH)]
    if modifier:
        made.append(get_input(modifier, "Material"))
        picture = get_input(modifier, "Picture")
        if picture and COPY in picture.keys():
            made.append(picture)
    objects = [obj]
    if camera := obj.get(CAMERA):
        objects.append(camera)
        made.insert(0, camera.data)
    bpy.data.batch_remove(objects)
    for each in dict.fromkeys(made):  # in this order: material and camera hold the picture
        if each is not None and each.users == 0:
            bpy.data.batch_remove([each])


def _checked(depth: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Depth as float32 with holes 0, which an image can store."""
    depth = np.asarray(depth, np.float32)
    size = (intrinsics.height, intrinsics.width)
    if depth.shape != size:
        raise ValueError(f"Depth must be of shape {size}, not {depth.shape}.")
    valid = valid_depth(depth)
    return depth if valid.all() else np.where(valid, depth, np.float32(0))


def copied_picture(name: str, rgb: np.ndarray, intrinsics: Intrinsics) -> bpy.types.Image:
    """Make a packed picture, displayed with the pixel aspect of its camera."""
    rgb = np.asarray(rgb)
    shape = (intrinsics.height, intrinsics.width, 3)
    if rgb.shape != shape or rgb.dtype != np.uint8:
        raise ValueError(f"The picture must be uint8 of shape {shape}, not {rgb.shape}.")
    image = new_picture(name, rgb)
    image[COPY] = True
    aspect = intrinsics.fx / intrinsics.fy
    image.display_aspect = (max(1.0, 1 / aspect), max(1.0, aspect))
    return image


def _set_depth(
    obj: bpy.types.Object,
    modifier: bpy.types.NodesModifier,
    depth: np.ndarray,
    metric_depth: np.ndarray,
    intrinsics: Intrinsics,
    track: Track,
) -> None:
    scratch = np.empty((*depth.shape, 4), np.float32)
    depth_image = track(new_depth_image(f"{obj.name} Depth", depth, scratch))
    # Depth that was not sharpened is stored once.
    same = np.array_equal(depth, metric_depth)
    metric_image = (
        depth_image
        if same
        else track(new_depth_image(f"{obj.name} Metric Depth", metric_depth, scratch))
    )
    mark_result(obj, depth_image, metric_image)
    for key, value in {
        "Depth": depth_image,
        "Metric Depth": metric_image,
        **lens_inputs(intrinsics),
    }.items():
        set_input(modifier, key, value)


def _keep_in_sight(camera: bpy.types.Camera, depth: np.ndarray) -> None:
    """Widen a new camera's clipping range to contain all depth, in Blender units."""
    depth = depth[depth > 0]
    if depth.size:
        camera.clip_start = min(camera.clip_start, 0.5 * float(depth.min()))
        camera.clip_end = max(camera.clip_end, 2 * float(depth.max()))
