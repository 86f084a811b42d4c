"""Settings: what the panel asks for, as `Scene.sharpdepth`."""

import math
import zlib

import bpy

from ..library import PRESETS, WEIGHTS, Weights

_OWN, _MAP = "OWN", "MAP"  # of the estimators: the model's, and none


def _item(name: str, description: str) -> tuple[str, str, str, int]:
    # Files keep an item's number, which must not change when the catalogue grows.
    return name, name, description, zlib.crc32(name.encode()) >> 1


_NETWORKS = {preset.network for preset in PRESETS.values()}
_MODELS = [_item(each.name, f"This model is {each.purpose}") for each in PRESETS.values()]
_ESTIMATORS = [
    (_OWN, "Model's Own", "Take the metric depth model that belongs to the model", 0),
    (
        _MAP,
        "Depth Map",
        "Sharpen a depth map of your own, by a scanner, stereo or another program",
        1,
    ),
    *(
        _item(each.name, f"This is a {each.purpose}")
        for each in WEIGHTS.values()
        if each.name not in _NETWORKS
    ),
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
        name="Model",
        description="Choose the model that estimates the depth",
        items=_MODELS,
        default=_MODELS[0][0],
    )
    estimator: bpy.props.EnumProperty(
        name="Metric Depth",
        description="Choose the model that estimates meters, which the other one sharpens",
        items=_ESTIMATORS,
    )
    depth_file: bpy.props.StringProperty(
        name="Depth Map",
        description="Choose a z-depth map with the picture's aspect ratio: EXR (any layer), 16-bit "
        "PNG or NumPy .npy. Values that are 0, infinite or NaN count as not measured",
        subtype="FILE_PATH",
    )
    depth_channel: bpy.props.StringProperty(
        name="Channel",
        description="Type the EXR's channel that is the depth, such as ViewLayer.Depth.Z. Without "
        "one, it is depth.Z, Z, or one of a layer that is called depth",
    )
    depth_unit: bpy.props.FloatProperty(
        name="Meters per Unit",
        description="Type how many meters a value of 1 means. 0 takes a meter, and of PNG a "
        "millimeter",
        default=0.0,
        min=0.0,
        precision=6,
    )
    depth_is_ray: bpy.props.BoolProperty(
        name="Ray Length",
        description="Take the values for the length of each pixel's ray, from the camera's center "
        "to the surface, and not for z-depth along the camera's axis. The camera has to be known",
    )
    use_tracks: bpy.props.BoolProperty(
        name="Solved Tracks",
        description="Have the meters agree with the solved tracks of the movie clip behind the "
        "scene's camera, or of the scene's active clip, at the current frame. They are as right as "
        "the solve's own scale: set it with Set Scale in the Movie Clip Editor",
    )
    detail: bpy.props.EnumProperty(
        name="Detail",
        description="Choose how fine the depth is where the model sees the picture smaller than it "
        "is",
        items=[
            (
                "OFF",
                "Off",
                "Enlarge depth smoothly from the resolution that the model sees",
                0,
            ),
            ("EDGES", "Edges", "Make edges as sharp as the picture at its own resolution", 1),
            (
                "TILES",
                "Tiles",
                "Look at the picture in overlapping parts as well, which finds smaller things and "
                "takes many times longer",
                2,
            ),
        ],
        default="EDGES",
    )
    output: bpy.props.EnumProperty(
        name="Output",
        description="Choose what the picture becomes",
        items=[
            ("MESH", "Mesh", "Make a surface that is cut where depth jumps", "MESH_GRID", 0),
            ("POINTS", "Points", "Make a point for each sample, in the picture's colors",
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

    sequence_folder: bpy.props.StringProperty(
        name="Folder",
        description="Choose the folder that gets the depth, the picture and the camera of each "
        "frame",
        default="//SharpDepth",
        subtype="DIR_PATH",
    )
    window: bpy.props.IntProperty(
        name="Window",
        description="Steady each frame by so many frames before it and after it. 0 leaves every "
        "frame as it is alone",
        default=5,
        min=0,
        max=100,
    )

    @property
    def chosen_estimator(self) -> str | None:
        """Name of the weights of another metric depth model than the model's own."""
        return None if self.estimator in (_OWN, _MAP) else self.estimator

    @property
    def has_map(self) -> bool:
        """Whether metric depth is to be read from a file, and not to be estimated."""
        return self.estimator == _MAP

    @property
    def has_tracks(self) -> bool:
        """Whether the estimate is to agree with solved tracks."""
        return self.use_tracks and not self.has_map

    @property
    def weights(self) -> list[Weights]:
        """All weights that are needed."""
        preset = PRESETS[self.model]
        estimator = None if self.has_map else self.chosen_estimator or preset.estimator
        return preset.weights_with(estimator)


def register() -> None:
    """Give scenes the property `sharpdepth`."""
    bpy.utils.register_class(SHARPDEPTH_PG_settings)
    bpy.types.Scene.sharpdepth = bpy.props.PointerProperty(type=SHARPDEPTH_PG_settings)


def unregister() -> None:
    """Take it away again; files keep what they have."""
    del bpy.types.Scene.sharpdepth
    bpy.utils.unregister_class(SHARPDEPTH_PG_settings)
