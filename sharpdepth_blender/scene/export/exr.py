"""EXR: a result's maps as layers that compositing programs know."""

import os

import bpy

from ...geometry import Intrinsics, nearest, write_exr
from ...geometry.exr import Attribute
from ..errors import SaveError
from ..exr import write_depth_exr
from ..exr_layout import LayoutError
from .maps import maps_of
from .pictures import linear_picture

# x and y of red, green, blue and white of the spaces that Blender can work in.
_PRIMARIES = {
    "Linear Rec.709": (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329),
    "Linear Rec.2020": (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329),
    "ACEScg": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767),
}
_COMMENTS = (
    "depth.Z: {depth}, as the result shows it. "
    "metric_depth.Z: the same without sharpening. difference.Z: depth less metric depth. "
    "depth.sky: 1 where the model found sky. "
    "N.X, N.Y, N.Z: unit normals towards the camera, in its axes: x right, y up, z backwards. "
    "R, G, B: the picture, scene-linear. Holes of depth are 0. {lens}"
)
_PERSPECTIVE = {
    "depth": "z-depth in meters along the optical axis",
    "lens": "Intrinsics are in pixels, of which the center of the top-left one is (0.5, 0.5).",
}
_AROUND = {
    "depth": "ray length in meters of an equirectangular panorama",
    "lens": "The middle of the picture is along the axis -z; a focal length is pixels per radian.",
}


def export_exr(path: str | os.PathLike[str], obj: bpy.types.Object) -> list[str]:
    """Write a result's depth, metric depth, their difference and its picture as one EXR.

    32-bit float channels, at the size of the depth maps:

        depth.Z           z-depth, of a panorama ray length, in meters as the result shows it,
                          holes 0
        metric_depth.Z    the same at sharpness 0
        difference.Z      depth less metric depth, meters, 0 in holes
        depth.sky         1 where the model found sky, else 0; only if it found any
        N.X, N.Y, N.Z     unit normals in camera axes (x right, y up, z backwards), of the model or
                          else of the depth; 0 where unknown
        R, G, B           the picture in the scene's linear space

    Nuke shows these as the layers depth, metric_depth, difference, N and rgba. The header tells the
    intrinsics, the units and the pixel aspect.

    Args:
        path: File to write, ending in .exr.
        obj: Result, live (as at the current frame) or baked.

    Returns:
        Phrases about what the file does not hold.

    Raises:
        SceneError: It is no result, or its depth images are gone.
        SaveError: The file cannot be written.
    """
    maps = maps_of(obj)
    channels = {
        "depth.Z": maps.depth,
        "metric_depth.Z": maps.metric_depth,
        "difference.Z": maps.difference,
    }
    if maps.sky is not None:
        channels["depth.sky"] = maps.sky
    normals = maps.normals
    channels |= {f"N.{name}": normals[..., axis] for axis, name in enumerate("XYZ")}
    try:
        picture = linear_picture(obj)
    except (OSError, RuntimeError, LayoutError) as error:  # it goes through a temporary file
        raise SaveError.of(path, error) from error
    if picture is not None:
        height, width = maps.depth.shape
        fitted = nearest(picture, width, height)
        channels |= {name: fitted[..., number] for number, name in enumerate("RGB")}
    camera = maps.intrinsics
    comments = _COMMENTS.format(**(_AROUND if maps.is_panorama else _PERSPECTIVE))
    attributes: dict[str, Attribute] = {"comments": comments, **lens_attributes(camera)}
    if picture is not None:
        attributes |= color_attributes()
    try:
        write_exr(path, channels, pixel_aspect=camera.fy / camera.fx, attributes=attributes)
    except OSError as error:
        raise SaveError.of(path, error) from error
    return ["the picture, which is gone"] if picture is None else []


def export_depth(path: str | os.PathLike[str], obj: bpy.types.Object) -> list[str]:
    """Write a result's depth alone as an EXR of one layer: R, G and B are what `depth.Z` is there.

    Args:
        path: File to write, ending in .exr.
        obj: Result, live or baked.

    Returns:
        Phrases about what the file does not hold: none.

    Raises:
        SceneError: As of `export_exr`.
        SaveError: The file cannot be written.
    """
    write_depth_exr(path, maps_of(obj).depth)
    return []


def lens_attributes(camera: Intrinsics) -> dict[str, Attribute]:
    """What tells a picture's intrinsics in the header of its file."""
    return {
        "sharpdepth/unit": "metre",
        "sharpdepth/focal_length_x": camera.fx,
        "sharpdepth/focal_length_y": camera.fy,
        "sharpdepth/principal_point_x": camera.cx,
        "sharpdepth/principal_point_y": camera.cy,
    }


def color_attributes() -> dict[str, Attribute]:
    """What tells the scene's linear space in the header of a file."""
    primaries = _PRIMARIES.get(_working_space())
    return {"chromaticities": primaries} if primaries else {}


def _working_space() -> str:
    """Name of the linear space that Blender works in; before 5.0 there was only one."""
    space = getattr(bpy.data, "colorspace", None)
    return space.working_space if space else "Linear Rec.709"
