"""Settings: properties of the main panel, as `Scene.sharpdepth`."""

import math
import zlib

import bpy

from ..geometry.panorama import AROUND
from ..geometry.thresholds import FEWEST, MOST
from ..library import PRESETS, USES, WEIGHTS, Bundled, Preset, Use, Weights
from ..library.properties import licenses, proposal
from ..process.infer_request import LARGEST, SMALLEST

# Of models whose name says nothing in a panel.
LABELS = {"preview": "Bundled Model"}
_OWN, _MAP = "OWN", "MAP"  # estimators: the model's own, and none


def _item(name: str, description: str, label: str | None = None) -> tuple[str, str, str, int]:
    # Files store the number of an item, so it must not change when the catalogue grows.
    return name, label or name, description, zlib.crc32(name.encode()) >> 1


def _sentence(purpose: str) -> str:
    return purpose[:1].upper() + purpose[1:]


def _with_license(preset: Preset) -> str:
    """What a preset is for, and the licenses of its weights, for its tooltip."""
    return f"{_sentence(preset.purpose)}. License: {licenses(preset)}"


_MODELS = [
    _item(each.name, _with_license(each), LABELS.get(each.name)) for each in PRESETS.values()
]
_ESTIMATORS = [
    (_OWN, "Model's Own", "Use the metric depth model included in the model", 0),
    (
        _MAP,
        "Depth Map",
        "Sharpen your own depth map, from a scanner, stereo or another program",
        1,
    ),
    *(
        _item(each.name, f"{_sentence(each.purpose)}. License: {each.license}")
        for each in WEIGHTS.values()
        if each.loader and not isinstance(each.source, Bundled)
    ),
]


_USES = [
    _item(each.name, f"{_sentence(each.reason)}. Model: {proposal(each).partition(':')[0]}",
          each.label)
    for each in USES.values()
]  # fmt: skip


def _propose(self, context):
    """Choose what is proposed for a use; under Advanced it can be changed."""
    use = USES[self.what_for]
    self.model = use.preset
    self.estimator = _MAP if use.map else use.estimator or _OWN


def _raise_resolution(self, context):
    if 0 < self.resolution < SMALLEST:
        self.resolution = SMALLEST


class SHARPDEPTH_PG_settings(bpy.types.PropertyGroup):
    """Settings for the next generation."""

    source: bpy.props.EnumProperty(
        name="Source",
        description="Source of the picture",
        items=[
            ("IMAGE", "Image", "Use an image in this file, or the active one", "IMAGE_DATA", 0),
            (
                "CAMERA_BACKGROUND",
                "Camera Background",
                "Use the background image of the scene's camera",
                "VIEW_CAMERA",
                1,
            ),
            (
                "MOVIE_CLIP",
                "Movie Clip",
                "Use the background movie clip of the scene's camera, at the current frame and "
                "undistorted",
                "TRACKER",
                2,
            ),
        ],
    )
    image: bpy.props.PointerProperty(
        name="Image",
        description="The picture. If empty, the active image is used: that of the Image Editor, "
        "the active image empty, or the active object's material",
        type=bpy.types.Image,
    )
    what_for: bpy.props.EnumProperty(
        name="What For",
        description="What the depth is wanted for. Chooses the model and its metric depth, which "
        "Advanced can change",
        items=_USES,
        default=_USES[0][0],
        update=_propose,
    )
    model: bpy.props.EnumProperty(
        name="Model",
        description="Model that estimates the depth",
        items=_MODELS,
        default=_MODELS[0][0],
    )
    estimator: bpy.props.EnumProperty(
        name="Metric Depth",
        description="Model that estimates the metric depth to be sharpened",
        items=_ESTIMATORS,
    )
    depth_file: bpy.props.StringProperty(
        name="Depth Map",
        description="Z-depth map with the picture's aspect ratio: EXR (any layer), 16-bit PNG, "
        "NumPy .npy or HEIC with depth. Values of 0, infinity or NaN count as not measured",
        subtype="FILE_PATH",
    )
    depth_channel: bpy.props.StringProperty(
        name="Channel",
        description="EXR channel with the depth, such as ViewLayer.Depth.Z. If empty: depth.Z, Z, "
        "or a channel of a layer named depth",
    )
    depth_unit: bpy.props.FloatProperty(
        name="Meters per Unit",
        description="Meters per value of 1. 0: one meter, or one millimeter for PNG",
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
        description="Fit the depth to the solved tracks of the camera's background movie clip, or "
        "of the scene's active clip, at the current frame. Requires the correct scale of the "
        "solve: use Set Scale in the Movie Clip Editor",
    )
    detail: bpy.props.EnumProperty(
        name="Detail",
        description="How depth is refined if the picture is larger than the processing resolution",
        items=[
            (
                "OFF",
                "Off",
                "Upsample depth smoothly from the processing resolution",
                0,
            ),
            ("EDGES", "Edges", "Make depth edges as sharp as the full-size picture", 1),
            (
                "TILES",
                "Tiles",
                "Also process the picture in overlapping tiles, which resolves smaller objects and "
                "takes many times longer",
                2,
            ),
        ],
        default="EDGES",
    )
    output: bpy.props.EnumProperty(
        name="Output",
        description="Type of object to create",
        items=[
            ("MESH", "Mesh", "A surface, torn where depth jumps", "MESH_GRID", 0),
            ("POINTS", "Points", "One point per sample, in the picture's colors",
             "POINTCLOUD_DATA", 1),
        ],
    )  # fmt: skip
    camera: bpy.props.EnumProperty(
        name="Camera",
        description="Camera of the picture",
        items=[
            (
                "AUTO",
                "Automatic",
                "Take the camera that shows the picture as its background, the scene's own first. "
                "Where there is none, make a camera",
                3,  # files keep the numbers of the others from when this did not exist
            ),
            (
                "SCENE",
                "Scene Camera",
                "Align the result with the picture as seen by the scene's camera. A scene without "
                "a camera gets one",
                0,
            ),
            (
                "NEW",
                "New Camera",
                "Create a camera with the lens from the picture's file, or estimated by the model",
                1,
            ),
            (
                "FOV",
                "New Camera with Field of View",
                "Create a camera with a known field of view",
                2,
            ),
            (
                "PANORAMA",
                "New Panoramic Camera",
                "Take the picture for an equirectangular panorama even if it does not look like "
                "one, and create a camera in its middle",
                4,
            ),
        ],
        default="AUTO",
    )
    keep_both: bpy.props.BoolProperty(
        name="Keep Both",
        description="Make another result where there is one of the same picture and camera, in "
        "place of giving that one new depth",
        default=False,
    )
    fov: bpy.props.FloatProperty(
        name="Field of View",
        description="Angle of view across the picture's longer side",
        default=math.radians(60),
        min=math.radians(1),
        max=math.radians(179),
        subtype="ANGLE",
    )

    resolution: bpy.props.IntProperty(
        name="Resolution",
        description="Longer side of the picture that the model processes, in pixels. Far from the "
        "model's own the depth gets worse. 0: the model's own",
        default=0,
        min=0,
        max=LARGEST,
        subtype="PIXEL",
        update=_raise_resolution,
    )
    seed: bpy.props.IntProperty(
        name="Seed",
        description="Seed of the noise that the model starts from. The same seed gives the same "
        "result",
        default=0,
        min=0,
    )
    precision: bpy.props.EnumProperty(
        name="Precision",
        description="Numbers that the model calculates with",
        items=[
            ("AUTO", "Automatic", "Half precision on CUDA, else full precision", 0),
            ("FP32", "Full", "32 bits: slower, and takes twice the memory", 1),
            ("FP16", "Half", "16 bits: for graphics cards", 2),
            ("BF16", "Half (bfloat16)", "16 bits with the range of 32, but coarser", 3),
        ],
        default="AUTO",
    )

    layers: bpy.props.IntProperty(
        name="Layers",
        description="Number of layers to split the result into, not counting the sky",
        default=4,
        min=FEWEST,
        max=MOST,
    )
    camera_move: bpy.props.FloatProperty(
        name="Camera Move",
        description="Distance that the camera is to move in any direction without showing holes. "
        "0: a tenth of the nearest layer's depth",
        default=0.0,
        min=0.0,
        subtype="DISTANCE",
        unit="LENGTH",
    )

    sequence_folder: bpy.props.StringProperty(
        name="Folder",
        description="Output folder for the depth, picture and camera of each frame",
        default="//SharpDepth",
        subtype="DIR_PATH",
        # It is made where there is none, so its absence is no mistake to be shown in red.
        options={"OUTPUT_PATH", "PATH_SUPPORTS_BLEND_RELATIVE"},
    )
    window: bpy.props.IntProperty(
        name="Smoothing Frames",
        description="Number of frames before and after each one that keep its depth from "
        "flickering. 0 leaves each frame as it is",
        default=5,
        min=0,
        max=100,
    )

    @property
    def use(self) -> Use | None:
        """What for the chosen model is proposed; None where another one was chosen."""
        use = USES[self.what_for]
        chosen = (use.preset, use.map, None if use.map else use.estimator)
        return use if chosen == (self.model, self.has_map, self.chosen_estimator) else None

    @property
    def chosen_estimator(self) -> str | None:
        """Name of the chosen metric depth model; None for the model's own."""
        return None if self.has_map or self.estimator == _OWN else self.estimator

    @property
    def degrees(self) -> float | None:
        """Field of view that the user tells, 360 of a panorama; None where he leaves it open."""
        if self.camera == "PANORAMA":
            return AROUND
        return math.degrees(self.fov) if self.camera == "FOV" else None

    @property
    def refines(self) -> bool:
        """Whether the model refines a depth map, so that there is no metric depth to choose."""
        return PRESETS[self.model].method == "refine"

    @property
    def has_map(self) -> bool:
        """Whether metric depth is read from a file instead of estimated."""
        return self.refines or self.estimator == _MAP

    @property
    def has_tracks(self) -> bool:
        """Whether the estimate is fitted to solved tracks."""
        return self.use_tracks and not self.has_map

    @property
    def to_get(self) -> tuple[str, str]:
        """What to get for all required weights: a preset or its network, and another f_D or ""."""
        preset = PRESETS[self.model]
        if self.has_map and preset.network and not preset.video:
            return preset.network, ""
        return self.model, self.chosen_estimator or ""

    @property
    def weights(self) -> list[Weights]:
        """All required weights."""
        preset = PRESETS[self.model]
        estimator = None if self.has_map else self.chosen_estimator or preset.estimator
        return preset.weights_with(estimator)


def register() -> None:
    """Add the property `sharpdepth` to scenes."""
    bpy.utils.register_class(SHARPDEPTH_PG_settings)
    bpy.types.Scene.sharpdepth = bpy.props.PointerProperty(type=SHARPDEPTH_PG_settings)


def unregister() -> None:
    """Remove the property; files keep its values."""
    del bpy.types.Scene.sharpdepth
    bpy.utils.unregister_class(SHARPDEPTH_PG_settings)
