"""Settings: what the panel asks for, as `Scene.sharpdepth`."""

import math

import bpy

from ..library import PRESETS

# Kept here: Blender frees the strings of items that nothing else holds.
_MODELS = [
    (preset.name, preset.name, f"This model is {preset.purpose}") for preset in PRESETS.values()
]


class SHARPDEPTH_PG_settings(bpy.types.PropertyGroup):
    """What the next picture is made into."""

    source: bpy.props.EnumProperty(
        name="Source",
        description="Choose where the picture comes from",
        items=[
            ("IMAGE", "Image", "Take an image of this file, or the active one", "IMAGE_DATA", 0),
            (
                "CAMERA_BACKGROUND",
                "Camera Background",
                "Take the background image of the scene's camera",
                "VIEW_CAMERA",
                1,
            ),
            (
                "MOVIE_CLIP",
                "Movie Clip",
                "Take the movie clip behind the scene's camera, at the current frame and "
                "undistorted",
                "TRACKER",
                2,
            ),
        ],
    )
    image: bpy.props.PointerProperty(
        name="Image",
        description="Choose the picture. Without one, the active image is taken: the Image "
        "Editor's, that of the active image empty, or that of the active object's material",
        type=bpy.types.Image,
    )
    model: bpy.props.EnumProperty(
        name="Model", description="Choose the model that estimates the depth", items=_MODELS
    )
    output: bpy.props.EnumProperty(
        name="Output",
        description="Choose what the picture becomes",
        items=[
            ("MESH", "Mesh", "Make a surface that is cut where depth jumps", "MESH_GRID", 0),
            ("POINTS", "Points", "Make a point for each sample, in the picture's colours",
             "POINTCLOUD_DATA", 1),
        ],
    )  # fmt: skip
    camera: bpy.props.EnumProperty(
        name="Camera",
        description="Choose the camera that took the picture",
        items=[
            (
                "SCENE",
                "Scene Camera",
                "Lay the result under the picture as the scene's camera sees it. A scene without "
                "a camera gets one",
            ),
            (
                "NEW",
                "New Camera",
                "Make a camera by what the picture's file, or else the model, says of the lens",
            ),
            (
                "FOV",
                "New Camera with Field of View",
                "Make a camera with a field of view that you know",
            ),
        ],
    )
    fov: bpy.props.FloatProperty(
        name="Field of View",
        description="Type the angle of view across the picture's longer side",
        default=math.radians(60),
        min=math.radians(1),
        max=math.radians(179),
        subtype="ANGLE",
    )


def register() -> None:
    """Give scenes the property `sharpdepth`."""
    bpy.utils.register_class(SHARPDEPTH_PG_settings)
    bpy.types.Scene.sharpdepth = bpy.props.PointerProperty(type=SHARPDEPTH_PG_settings)


def unregister() -> None:
    """Take it away again; files keep what they have."""
    del bpy.types.Scene.sharpdepth
    bpy.utils.unregister_class(SHARPDEPTH_PG_settings)
