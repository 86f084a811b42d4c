"""Result: a picture with its depth becomes a live object in the scene."""

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

# Looks along the world's +y with +z up, as a person who stands there.
UPRIGHT = Matrix.Rotation(math.radians(90), 4, "X")
# Custom properties of a result: its depth maps, float Non-Color images in meters, and when it was
# made, seconds since 1970.
DEPTH, METRIC_DEPTH = "sharpdepth_depth", "sharpdepth_metric_depth"
MADE = "sharpdepth_made"
# And the camera, where one was made for it.
CAMERA = "sharpdepth_camera"
# Of an image: that it is a copy of ours, not the user's.
COPY = "sharpdepth_copy"


def is_result(obj: bpy.types.Object | None) -> TypeGuard[bpy.types.Object]:
    """Whether an object was made from a depth map by this add-on, live or baked."""
    return obj is not None and DEPTH in obj.keys()


def mark_result(
    obj: bpy.types.Object, depth: bpy.types.Image, metric_depth: bpy.types.Image
) -> None:
    """Have an object be known as a result, with its two depth images."""
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
    output: str = "Mesh",
    resolution: int | None = None,
) -> bpy.types.Object:
    """Add the live object that a picture and its depth describe.

    It lies under the picture as the camera there sees it, at true scale (Blender units = meters /
    unit scale). Where there is none, a camera is made that matches the picture, shows it as its
    background, and becomes the scene's if the scene has none. The depth maps are kept inside the
    file as 32-bit float Non-Color images.

    Args:
        scene: Scene to add to.
        picture: Image datablock of the intrinsics' size, or (H, W, 3) uint8 sRGB, of which a packed
            image is made.
        depth: (H, W) float32 meters that give the object its shape; holes are 0 or not finite.
        metric_depth: (H, W) float32 meters that the depth was made from, likewise.
        intrinsics: Intrinsics of the depth, for which the picture may be larger.
        name: Name of the object and, with additions, of its datablocks.
        matrix: World matrix of the camera that took the picture, without scale; None to make one.
        output: "Mesh", or "Points" for a point cloud with colors that renders.
        resolution: Samples along the longer side; None for the modifier's own default.

    Returns:
        The new object. When something fails, what was made is removed again.

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
            camera.matrix_world = matrix = UPRIGHT
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
    """Give a live result a picture and depth maps of more pixels in place of those that it has.

    The images that it had go, unless others use them.

    Args:
        obj: Live result.
        picture: As for `add_depth_result`.
        depth: (H, W) float32 meters.
        metric_depth: (H, W) float32 meters.
        intrinsics: Of that size, of the same camera as before.

    Raises:
        SceneError: The object is no live result any more.
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
    # Those that went had the names.
    obj[METRIC_DEPTH].name, obj[DEPTH].name = f"{obj.name} Metric Depth", f"{obj.name} Depth"
    if COPY in picture.keys():
        picture.name = f"{obj.name} Picture"


def remove_result(obj: bpy.types.Object) -> None:
    """Take a result away again, with everything that was made for it and that nothing else uses."""
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
    """Depth as float32 with holes 0, which is how an image can hold them."""
    depth = np.asarray(depth, np.float32)
    size = (intrinsics.height, intrinsics.width)
    if depth.shape != size:
        raise ValueError(f"Depth must be of shape {size}, not {depth.shape}.")
    valid = valid_depth(depth)
    return depth if valid.all() else np.where(valid, depth, np.float32(0))


def copied_picture(name: str, rgb: np.ndarray, intrinsics: Intrinsics) -> bpy.types.Image:
    """A packed picture that Blender shows with pixels as high as its camera had them."""
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
    # What was not sharpened is kept once.
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
    """Widen a new camera's clipping range until it holds all depth, in Blender units."""
    depth = depth[depth > 0]
    if depth.size:
        camera.clip_start = min(camera.clip_start, 0.5 * float(depth.min()))
        camera.clip_end = max(camera.clip_end, 2 * float(depth.max()))
