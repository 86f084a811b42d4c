"""Result: a picture and its depth as a live object in the scene."""

import math
import time
import uuid
from dataclasses import replace
from itertools import zip_longest
from typing import TypeGuard

import bpy
import numpy as np
from mathutils import Matrix

from ..geometry import Intrinsics
from .camera import camera_data, camera_for, panoramic_camera, set_lens, show_behind
from .errors import SceneError
from .live import add_modifier, find_modifier, lens_inputs
from .material import picture_material, shade_by_normals
from .modifier import get_input, has_input, set_input
from .picture import has_pixels, is_changed, mark_pixels, new_depth_image, new_picture
from .plate_collection import PLATE, link_to_plate, remove_if_empty
from .result_marks import COPY, DEPTH, METRIC_DEPTH, NORMALS, PANORAMA, is_panoramic
from .stored_depth import StoredDepth, store_depth
from .taken import CAMERA, SOURCE, keep_place, lay_again
from .transaction import Track, transaction
from .uids import find_by_uid
from .units import meters_per_unit

# Looks along the world's +y with +z up, like a person standing there.
UPRIGHT = Matrix.Rotation(math.radians(90), 4, "X")
# Samples along the equator of a panorama, which spans the angles of several other pictures.
_AROUND = 2048
# Custom property of a result: the time it was made, in seconds since 1970.
MADE = "sharpdepth_made"
# What tells a result from others for good; a duplicate has the same.
IDENTITY = "sharpdepth_identity"


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
    if IDENTITY not in obj.keys():
        obj[IDENTITY] = uuid.uuid4().hex


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
    collection: bpy.types.Collection | None = None,
    stored: StoredDepth | None = None,
    is_panorama: bool = False,
) -> bpy.types.Object:
    """Add a live object made from a picture and its depth.

    It matches the picture as seen from the camera, at true scale (Blender units = meters / unit
    scale). Without a camera, one is made that matches the picture and shows it as its background;
    it becomes the scene's camera if the scene has none. They are in a collection of the plate's
    name. The depth maps are packed into the file as 32-bit float Non-Color images, as by
    `store_depth`. If anything fails, nothing is left behind.

    Args:
        scene: Scene to add to.
        picture: Image of the intrinsics' size or larger, or (H, W, 3) uint8 sRGB of that size, from
            which a packed image is made.
        depth: (H, W) float32 meters that give the object its shape; holes are 0 or not finite.
        metric_depth: (H, W) float32 meters that the depth was made from, likewise.
        intrinsics: Intrinsics of the depth maps.
        name: Name of the plate. The object is called "NAME depth mesh" or "NAME depth points", and
            all that is made for it begins with that name, too.
        matrix: World matrix of the camera that took the picture, without scale; None to make a
            camera.
        pose: World matrix of a camera that is made; None for one that looks along +y, level.
        output: "Mesh", or "Points" for a colored, renderable point cloud.
        resolution: Samples along the longer side; None for the modifier's default.
        collection: The plate's, where it has one already; None to make it.
        stored: What `store_depth` makes of the depth maps, where that is there already.
        is_panorama: Whether the picture is equirectangular, the depth ray length and the intrinsics
            those of `panorama_lens`; the camera that is made is a panoramic one then.

    Returns:
        The new object.

    Raises:
        ValueError: An array does not fit the intrinsics, or an argument is outside its range.
    """
    stored = stored or store_depth(depth, metric_depth, intrinsics)
    if output not in ("Mesh", "Points"):
        raise ValueError(f"`output` must be 'Mesh' or 'Points', not {output!r}.")

    with transaction() as track:
        if not isinstance(picture, bpy.types.Image):
            picture = track(
                copied_picture(f"{name} picture", picture, intrinsics, stored.picture_file)
            )
        material = track(picture_material(name, picture))
        title = result_name(name, output)
        mesh = track(bpy.data.meshes.new(title))
        mesh.materials.append(material)
        obj = track(bpy.data.objects.new(title, mesh))
        obj[PLATE] = name
        if is_panorama:
            obj[PANORAMA] = True
        modifier = add_modifier(obj, is_panorama=is_panorama)
        inputs = {
            "Output": output,
            "Material": material,
            "Picture": picture,
            "Units per Meter": 1 / meters_per_unit(scene),
        }
        if resolution is None and is_panorama:
            resolution = _AROUND
        if resolution is not None:
            inputs["Resolution"] = resolution
        for key, value in inputs.items():
            set_input(modifier, key, value)
        _set_depth(obj, modifier, stored, track)
        objects = [obj]
        if matrix is None:
            matrix = pose or UPRIGHT
            objects.append(_add_camera(scene, obj, picture, stored, intrinsics, matrix, track))
        link_to_plate(scene, name, objects, collection, track)
        obj.matrix_world = matrix
        keep_place(obj, matrix)
    return obj


def result_name(plate: str, output: str = "Mesh") -> str:
    """The name of a result of a plate."""
    return f"{plate} depth {'points' if output == 'Points' else 'mesh'}"


def plate_name(obj: bpy.types.Object) -> str:
    """The name that what is made from a result begins with: its plate's, until it is renamed."""
    plate: str = obj.get(PLATE, "")
    return plate if plate and obj.name.startswith(f"{plate} depth") else obj.name


def replace_depth(
    obj: bpy.types.Object,
    picture: bpy.types.Image | np.ndarray,
    depth: np.ndarray,
    metric_depth: np.ndarray,
    intrinsics: Intrinsics,
    *,
    stored: StoredDepth | None = None,
) -> None:
    """Replace the picture and depth maps of a live result, such as by larger ones.

    The old images are removed unless others use them.

    Args:
        obj: Live result.
        picture: As for `add_depth_result`.
        depth: (H, W) float32 meters.
        metric_depth: (H, W) float32 meters.
        intrinsics: Intrinsics of that size, of the same camera as before.
        stored: As for `add_depth_result`.

    Raises:
        SceneError: The object is no longer a live result.
        ValueError: An array does not fit the intrinsics.
    """
    stored = stored or store_depth(depth, metric_depth, intrinsics)
    modifier = find_modifier(obj)
    if not is_result(obj) or modifier is None:
        raise SceneError("{obj} is no live depth result any more.", obj=obj.name)
    shown = get_input(modifier, "Picture")
    before = {obj.get(DEPTH), obj.get(METRIC_DEPTH), obj.get(NORMALS)}
    name = obj.get(PLATE, obj.name)
    with transaction() as track:
        if not isinstance(picture, bpy.types.Image):
            picture = track(
                copied_picture(f"{name} picture", picture, intrinsics, stored.picture_file)
            )
        _set_depth(obj, modifier, stored, track)
    if shown is None:
        set_input(modifier, "Picture", picture)
    elif COPY in shown.keys() and shown != picture:
        shown.user_remap(picture)  # in the material and behind the camera, too
        before.add(shown)
    elif shown != picture and shown == obj.get(SOURCE):
        _show_instead(obj, modifier, shown, picture)
    bpy.data.batch_remove([image for image in before if image and image.users == 0])
    # The names were taken by the images just removed.
    obj[METRIC_DEPTH].name, obj[DEPTH].name = f"{name} metric depth", f"{name} depth"
    if NORMALS in obj.keys():
        obj[NORMALS].name = f"{name} normals"
    if COPY in picture.keys():
        picture.name = f"{name} picture"


def renew_result(
    scene: bpy.types.Scene,
    obj: bpy.types.Object,
    picture: bpy.types.Image | np.ndarray,
    depth: np.ndarray,
    metric_depth: np.ndarray,
    intrinsics: Intrinsics,
    matrix: Matrix | None,
    *,
    stored: StoredDepth | None = None,
) -> None:
    """Give a live result new depth of the same picture and camera.

    The object keeps its name, collections, parent, materials and the settings of its surface. It
    goes where its camera has gone, unless somebody moved it himself. A camera that was made for it
    stays where it is and gets the new lens; one that has been deleted is made again.

    Args:
        scene: Of the object.
        obj: Live result.
        picture: As for `add_depth_result`, like the depth and the intrinsics.
        depth: Likewise.
        metric_depth: Likewise.
        intrinsics: Likewise.
        matrix: World matrix of the camera that took the picture; None for the one made for it.
        stored: As for `add_depth_result`.

    Raises:
        SceneError: The object is no longer a live result.
        ValueError: An array does not fit the intrinsics.
    """
    stored = stored or store_depth(depth, metric_depth, intrinsics)
    replace_depth(obj, picture, depth, metric_depth, intrinsics, stored=stored)
    modifier = find_modifier(obj)
    assert modifier is not None
    set_input(modifier, "Units per Meter", 1 / meters_per_unit(scene))
    obj[MADE] = time.time()
    if matrix is not None:
        lay_again(obj, matrix)
        return
    camera = obj.get(CAMERA)
    if camera is not None:
        data = camera_data(camera)
        if not is_panoramic(obj):
            set_lens(scene, data, intrinsics)
        _keep_in_sight(data, stored, meters_per_unit(scene))
        return
    with transaction() as track:
        image = get_input(modifier, "Picture")
        place = obj.matrix_world.normalized()
        camera = _add_camera(scene, obj, image, stored, intrinsics, place, track)
        for collection in obj.users_collection:
            collection.objects.link(camera)


def is_untouched(obj: bpy.types.Object) -> bool:
    """Whether a live result is as it was made, but for settings that a new depth leaves alone."""
    modifier = find_modifier(obj)
    if modifier is None or obj.library or obj.override_library or obj.data.library:
        return False
    if obj.mode != "OBJECT" or len(obj.data.vertices):
        return False
    maps = {"Depth": obj.get(DEPTH), "Metric Depth": obj.get(METRIC_DEPTH)}
    if any(image is None or get_input(modifier, name) != image for name, image in maps.items()):
        return False
    picture = get_input(modifier, "Picture")
    copies = [picture] if picture is not None and COPY in picture.keys() else []
    return not any(is_changed(image) for image in (*maps.values(), *copies))


def remove_result(obj: bpy.types.Object) -> None:
    """Remove a result, with everything that was made for it and nothing else uses."""
    modifier = find_modifier(obj)
    made = [obj.data, obj.get(DEPTH), obj.get(METRIC_DEPTH), obj.get(NORMALS)]
    if modifier:
        made.append(get_input(modifier, "Material"))
        picture = get_input(modifier, "Picture")
        if picture and COPY in picture.keys():
            made.append(picture)
    objects = [obj]
    if camera := obj.get(CAMERA):
        objects.append(camera)
        made.insert(0, camera.data)
    collections = list(obj.users_collection)
    bpy.data.batch_remove(objects)
    remove_if_empty(collections)
    for each in dict.fromkeys(made):  # in this order: material and camera hold the picture
        if each is not None and each.users == 0:
            bpy.data.batch_remove([each])


def copied_picture(
    name: str, rgb: np.ndarray, intrinsics: Intrinsics, file: bytes | None = None
) -> bpy.types.Image:
    """Make a packed picture, displayed with the pixel aspect of its camera."""
    rgb = np.asarray(rgb)
    shape = (intrinsics.height, intrinsics.width, 3)
    if rgb.shape != shape or rgb.dtype != np.uint8:
        raise ValueError(f"The picture must be uint8 of shape {shape}, not {rgb.shape}.")
    image = new_picture(name, rgb, file)
    image[COPY] = True
    mark_pixels(image)
    aspect = intrinsics.fx / intrinsics.fy
    image.display_aspect = (max(1.0, 1 / aspect), max(1.0, aspect))
    return image


def _set_depth(
    obj: bpy.types.Object, modifier: bpy.types.NodesModifier, stored: StoredDepth, track: Track
) -> None:
    name = obj.get(PLATE, obj.name)
    images = {}
    for (title, file), uid in zip_longest(stored.files.items(), stored.images):
        image = find_by_uid(bpy.data.images, uid) or new_depth_image(f"{name} {title}", file)
        images[title] = track(image)
    depth_image = images["depth"]
    metric_image = images.get("metric depth", depth_image)  # the same, if it was not sharpened
    mark_result(obj, depth_image, metric_image)
    set_normals(obj, modifier, images.get("normals"))
    for key, value in {
        "Depth": depth_image,
        "Metric Depth": metric_image,
        **lens_inputs(stored.intrinsics),
    }.items():
        set_input(modifier, key, value)


def set_normals(
    obj: bpy.types.Object, modifier: bpy.types.NodesModifier, image: bpy.types.Image | None
) -> None:
    """Have a live result shaded by its model's normals, or by those of its surface.

    Args:
        obj: Result.
        modifier: Its live modifier.
        image: Float and Non-Color, in camera space; None without any.
    """
    if image is not None:
        obj[NORMALS] = image
    elif NORMALS in obj.keys():
        del obj[NORMALS]
    if has_input(modifier, "Normals"):  # results of earlier versions have none
        set_input(modifier, "Normals", image)
        shade_by_normals(get_input(modifier, "Material"), image is not None)


def make_next_image(plate: str, stored: StoredDepth) -> StoredDepth:
    """Make one more of a result's depth images and have Blender read it, which takes a while.

    Args:
        plate: Name of the plate.
        stored: Of which not all images have been made.

    Returns:
        The same with one more of `images`.
    """
    title, file = list(stored.files.items())[len(stored.images)]
    image = new_depth_image(f"{plate} {title}", file)
    has_pixels(image)
    return replace(stored, images=(*stored.images, image.session_uid))


def _add_camera(
    scene: bpy.types.Scene,
    obj: bpy.types.Object,
    picture: bpy.types.Image,
    stored: StoredDepth,
    intrinsics: Intrinsics,
    matrix: Matrix,
    track: Track,
) -> bpy.types.Object:
    """Make the camera of a result, not linked to a collection, at a place in the world."""
    name = f"{obj.get(PLATE, obj.name)} camera"
    around = is_panoramic(obj)
    camera = track(panoramic_camera(name) if around else camera_for(scene, intrinsics, name))
    data = track(camera_data(camera))
    if not around:  # where the viewport draws no background
        show_behind(camera, picture)
    camera.matrix_world = matrix
    _keep_in_sight(data, stored, meters_per_unit(scene))
    scene.camera = scene.camera or camera
    obj[CAMERA] = camera
    return camera


def _show_instead(
    obj: bpy.types.Object,
    modifier: bpy.types.NodesModifier,
    former: bpy.types.Image,
    picture: bpy.types.Image,
) -> None:
    """Show a picture where a result and the camera made for it show the user's own image."""
    set_input(modifier, "Picture", picture)
    material = get_input(modifier, "Material")
    for node in material.node_tree.nodes if material and material.node_tree else ():
        if node.type == "TEX_IMAGE" and node.image == former:
            node.image = picture
    if camera := obj.get(CAMERA):
        for shown in camera.data.background_images:
            if shown.image == former:
                shown.image = picture


def _keep_in_sight(camera: bpy.types.Camera, stored: StoredDepth, meters_per_unit: float) -> None:
    """Widen a new camera's clipping range to contain all depth."""
    if stored.nearest is not None and stored.farthest is not None:
        camera.clip_start = min(camera.clip_start, 0.5 * stored.nearest / meters_per_unit)
        camera.clip_end = max(camera.clip_end, 2 * stored.farthest / meters_per_unit)
