"""Camera: from Blender's cameras to intrinsics, and back."""

import math
from typing import Any

import bpy
from mathutils import Matrix

from ..geometry import Intrinsics
from .errors import CameraError
from .evaluation import evaluated
from .view_transform import show_plain_colors

# What decides the frame that a scene renders.
_SIZE = (
    "resolution_x", "resolution_y", "resolution_percentage", "pixel_aspect_x", "pixel_aspect_y"
)  # fmt: skip
# Longer side of a new camera's sensor in millimeters, to which its focal length relates.
_SENSOR = 36.0
# Proportions are the same up to this ratio: far less than a hundredth of a pixel, and more than
# single precision makes of them.
_SAME = 1e-6


def camera_intrinsics(
    scene: bpy.types.Scene, camera: bpy.types.Object, percentage: int | None = None
) -> Intrinsics:
    """Read the intrinsics of the frame that `scene` renders through `camera`.

    With `S` the sensor size in millimeters and `n` the frame's size in pixel widths, both along the
    fitted side, and `a` the height of a pixel over its width,

        fx = lens n / S,   cx = width / 2 - shift_x n,
        fy = fx / a,       cy = height / 2 + shift_y n / a.

    The sensor fit says which side is fitted; AUTO takes the longer one, and the sensor *width* for
    either. The scale of the camera object has no effect.

    Args:
        scene: Scene with the render size, percentage and pixel aspect.
        camera: Camera object.
        percentage: Replaces the scene's own; 100 gives the frame that the viewport shows.

    Returns:
        Intrinsics in pixels of the rendered frame.

    Raises:
        CameraError: The camera is not a perspective one.
    """
    data = camera_data(camera)
    if data.type != "PERSP":
        kind = {"ORTHO": "orthographic", "PANO": "panoramic"}.get(data.type, data.type.lower())
        raise CameraError(
            "The camera {camera} is {kind}; depth needs a perspective camera.",
            camera=camera.name,
            kind=kind,
        )
    width, height, aspect = _frame(scene, percentage)
    fitted = _fit(data.sensor_fit, width, height, aspect)
    sensor = data.sensor_height if data.sensor_fit == "VERTICAL" else data.sensor_width
    fx = data.lens * fitted / sensor
    return Intrinsics(
        fx=fx,
        fy=fx / aspect,
        cx=width / 2 - data.shift_x * fitted,
        cy=height / 2 + data.shift_y * fitted / aspect,
        width=width,
        height=height,
    )


def camera_data(camera: bpy.types.Object) -> bpy.types.Camera:
    """The camera data of an object; a scene's camera may be any object.

    Raises:
        CameraError: The object is not a camera.
    """
    if not isinstance(camera.data, bpy.types.Camera):
        raise CameraError("{camera} is not a camera.", camera=camera.name)
    return camera.data


def spans_width(scene: bpy.types.Scene, camera: bpy.types.Object) -> bool:
    """Whether a camera's sensor is fitted to the width of the viewport's frame, not its height."""
    return _spans_width(camera.data.sensor_fit, *_frame(scene, 100))


def camera_for(
    scene: bpy.types.Scene, intrinsics: Intrinsics, name: str = "Camera"
) -> bpy.types.Object:
    """Make a camera with a picture's intrinsics, to which the picture fits as a background.

    The picture lies centered in the frame that the viewport shows, as a whole (frame method `FIT`),
    with pixels `fx / fy` times as high as they are wide. It fills a frame made by `frame_scene`.

    Args:
        scene: Scene with the render size and pixel aspect, which stay as they are.
        intrinsics: Intrinsics of the picture.
        name: Name of the new object and its data.

    Returns:
        A new object at the origin, not linked to a collection.
    """
    data = bpy.data.cameras.new(name)
    set_lens(scene, data, intrinsics)
    return bpy.data.objects.new(name, data)


def panoramic_camera(name: str) -> bpy.types.Object:
    """Make a camera that sees all around as an equirectangular picture, in Cycles.

    Args:
        name: Name of the new object and its data.

    Returns:
        A new object at the origin, not linked to a collection.
    """
    data = bpy.data.cameras.new(name)
    data.type = "PANO"
    _panorama(data).panorama_type = "EQUIRECTANGULAR"
    return bpy.data.objects.new(name, data)


def is_panoramic_camera(obj: bpy.types.Object) -> bool:
    """Whether an object is a panoramic camera of any kind."""
    return isinstance(obj.data, bpy.types.Camera) and obj.data.type == "PANO"


def sees_around(camera: bpy.types.Object) -> bool:
    """Whether a camera sees all around as an equirectangular picture."""
    if not is_panoramic_camera(camera):
        return False
    kind = _panorama(camera_data(camera))
    limits = kind.latitude_min, kind.latitude_max, kind.longitude_min, kind.longitude_max
    whole = -math.pi / 2, math.pi / 2, -math.pi, math.pi
    return kind.panorama_type == "EQUIRECTANGULAR" and all(
        math.isclose(one, other, abs_tol=1e-4) for one, other in zip(limits, whole, strict=True)
    )


def _panorama(data: bpy.types.Camera) -> Any:
    """What has a camera's panoramic settings, which were Cycles' own before 5.0."""
    return data if hasattr(data, "panorama_type") else getattr(data, "cycles")  # noqa: B009


def set_lens(scene: bpy.types.Scene, data: bpy.types.Camera, intrinsics: Intrinsics) -> None:
    """Give a camera that we made the lens that `camera_for` would give it.

    The sensor is the picture's: as wide and as high as it, 36 mm along its longer side, so that the
    lens and both angles of view read as those of the picture whatever the frame is. `FIT` draws a
    background as wide as the frame where the frame is narrower than the picture, and as high as the
    frame where it is wider. The sensor is fitted along that side, so that picture and mesh stay on
    each other while the frame changes its size, and its proportions

    - up to the picture's own and on to any narrower ones, for a frame that was narrower;
    - up to the picture's own and on to any wider ones, for a frame that was wider;
    - for a frame of the picture's own proportions: to narrower ones for a picture that is wider
      than high, to wider ones for another.

    No camera of Blender can have both, for its sensor is fitted along one side.
    """
    width, height, aspect = _frame(scene, 100)
    # In the image plane at distance 1.
    size_x, size_y = intrinsics.width / intrinsics.fx, intrinsics.height / intrinsics.fy
    center_x = (0.5 - intrinsics.cx / intrinsics.width) * size_x
    center_y = (intrinsics.cy / intrinsics.height - 0.5) * size_y
    wider = width * size_y / (height * aspect * size_x)  # the frame than the picture
    # Where both sides fit, the longer one, whose angle is the field of view that people name.
    same = math.isclose(wider, 1, rel_tol=_SAME)
    spans_width = size_x >= size_y if same else wider < 1
    fitted = size_x if spans_width else size_y

    lens = _SENSOR / max(size_x, size_y)
    # Blender's shortest lens and its least sensor are 1 mm; beyond that both grow.
    grown = max(1.0, 1 / lens, 1 / (lens * fitted))
    data.sensor_fit = "HORIZONTAL" if spans_width else "VERTICAL"
    data.lens = lens * grown
    data.sensor_width, data.sensor_height = size_x * data.lens, size_y * data.lens
    data.shift_x, data.shift_y = center_x / fitted, center_y / fitted


def show_behind(camera: bpy.types.Object, image: bpy.types.Image) -> None:
    """Make a picture the background of a camera that we made, as a whole inside the frame."""
    background = camera.data.background_images.new()
    background.image = image
    background.frame_method = "FIT"
    background.alpha = 1.0
    camera.data.show_background_images = True


def remove_backgrounds(data: bpy.types.Camera) -> None:
    """Have a camera show nothing behind or before what it sees."""
    for each in data.background_images:
        each.image = each.clip = None  # Blender would go on counting the camera as their user
    data.background_images.clear()


def frame_scene(scene: bpy.types.Scene, intrinsics: Intrinsics) -> None:
    """Set a scene up to render exactly the picture: its size, pixel aspect and colors.

    Args:
        scene: Scene to change; only for one that nobody else has set up.
        intrinsics: Intrinsics of the picture.
    """
    set_render_size(scene, intrinsics)
    show_plain_colors(scene)


def set_render_size(scene: bpy.types.Scene, intrinsics: Intrinsics) -> None:
    """Set a scene's render size, percentage and pixel aspect to a picture's."""
    render = scene.render
    render.resolution_x = intrinsics.width
    render.resolution_y = intrinsics.height
    render.resolution_percentage = 100
    aspect = intrinsics.fx / intrinsics.fy
    if math.isclose(aspect, 1, rel_tol=_SAME):  # as single precision has it
        aspect = 1.0
    # Pixel aspects are at least 1 in Blender.
    render.pixel_aspect_x = max(1.0, 1 / aspect)
    render.pixel_aspect_y = max(1.0, aspect)


def has_render_size(scene: bpy.types.Scene, intrinsics: Intrinsics) -> bool:
    """Whether a scene renders a picture's size, as `set_render_size` would have it."""
    width, height, aspect = _frame(scene)
    same = math.isclose(aspect, intrinsics.fx / intrinsics.fy, rel_tol=_SAME)
    return same and (width, height) == (intrinsics.width, intrinsics.height)


def render_size(scene: bpy.types.Scene) -> dict[str, float]:
    """A scene's render size, percentage and pixel aspect, for `restore_render_size`."""
    return {name: getattr(scene.render, name) for name in _SIZE}


def restore_render_size(scene: bpy.types.Scene, former: dict[str, float]) -> None:
    """Give a scene the render size back that it had."""
    for name, value in former.items():
        setattr(scene.render, name, value)


def camera_matrix(scene: bpy.types.Scene, camera: bpy.types.Object) -> Matrix:
    """The evaluated world matrix of a camera, without the object's scale."""
    return evaluated(scene, camera).matrix_world.normalized()


def _frame(scene: bpy.types.Scene, percentage: int | None = None) -> tuple[int, int, float]:
    """Width and height of the rendered frame in pixels, and a pixel's height over its width."""
    render = scene.render
    percentage = render.resolution_percentage if percentage is None else percentage
    width = max(1, render.resolution_x * percentage // 100)
    height = max(1, render.resolution_y * percentage // 100)
    return width, height, render.pixel_aspect_y / render.pixel_aspect_x


def _fit(sensor_fit: str, width: int, height: int, aspect: float) -> float:
    """Length of the frame's fitted side, in pixel widths."""
    return width if _spans_width(sensor_fit, width, height, aspect) else height * aspect


def _spans_width(sensor_fit: str, width: int, height: int, aspect: float) -> bool:
    return sensor_fit == "HORIZONTAL" or (sensor_fit == "AUTO" and width >= height * aspect)
