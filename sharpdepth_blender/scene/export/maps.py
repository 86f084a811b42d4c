"""Maps: a result's depth as it is shown, beside what it was made from, for other programs."""

from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...geometry import Intrinsics, shape_depth, surface_normals
from ...geometry.panorama import points_at
from ...geometry.projection import unproject_at
from ..current_frame import depth_now, normals_now
from ..errors import SceneError
from ..exr import read_depth_exr
from ..live import LENS, find_modifier
from ..picture import file_values, has_pixels, image_values
from ..result import is_result
from ..result_marks import DEPTH, METRIC_DEPTH, NORMALS, is_panoramic
from ..shaped import SHAPED, shaping_by, shaping_inputs
from ..sky import sky_of


@dataclass(frozen=True)
class Maps:
    """Depth maps of a result, (H, W) float32 with row 0 at the top, meters, holes 0.

    Attributes:
        depth: As the result shows it: by its sharpness, scale, offset, near, far and backdrop.
        metric_depth: The same at sharpness 0.
        intrinsics: Of the camera that it lies under; of a panorama as of `panorama_lens`.
        is_panorama: Whether depth is ray length all around the camera.
        sky: 1 where the model found sky, else 0; None if it found none.
        told_normals: (H, W, 3) that the model gave, as of `normals`; None if it gave none.
    """

    depth: np.ndarray
    metric_depth: np.ndarray
    intrinsics: Intrinsics
    is_panorama: bool = False
    sky: np.ndarray | None = None
    told_normals: np.ndarray | None = None

    @property
    def normals(self) -> np.ndarray:
        """(H, W, 3) float32 unit normals in Blender's camera space, towards the camera.

        Where the model gave none they are those of the depth; 0 where nothing tells them.
        """
        height, width = self.depth.shape
        take = points_at if self.is_panorama else unproject_at
        points = take(self.depth, np.arange(width), np.arange(height), self.intrinsics)
        points = points.astype(np.float64)
        points[self.depth <= 0] = np.nan
        own = surface_normals(points)
        facing = (own * points).sum(-1, keepdims=True)
        own *= -np.sign(facing)
        with np.errstate(invalid="ignore", divide="ignore"):
            own /= np.linalg.norm(own, axis=-1, keepdims=True)
        own = np.nan_to_num(own).astype(np.float32)
        if self.told_normals is None:
            return own
        known = np.linalg.norm(self.told_normals, axis=-1, keepdims=True) > 0.5
        return np.where(known, self.told_normals, own)

    @property
    def difference(self) -> np.ndarray:
        """By how much the depth is farther than the metric depth, meters; 0 in holes of either."""
        both = (self.depth > 0) & (self.metric_depth > 0)
        return np.where(both, self.depth - self.metric_depth, np.float32(0))


def maps_of(obj: bpy.types.Object) -> Maps:
    """The maps of a result, live at the scene's current frame, or baked.

    Raises:
        SceneError: It is no result, or its depth images are gone.
    """
    if not is_result(obj):
        raise SceneError("{obj} is no depth result.", obj=obj.name)
    modifier = find_modifier(obj)
    if modifier:
        given = shaping_inputs(modifier)
        shown = [depth_now(modifier, name) for name in ("Depth", "Metric Depth")]
        told = normals_now(obj, modifier)
    elif SHAPED in obj.keys():
        given = obj[SHAPED]
        kept = {"Depth": obj[DEPTH], "Metric Depth": obj[METRIC_DEPTH]}
        files = {name: given.get(f"{name} File") for name in kept}
        shown = [
            read_depth_exr(files[name]) if files[name] else image and image_values(image)[..., 0]
            for name, image in kept.items()
        ]
        told = _kept_normals(obj.get(NORMALS), given.get("Normals File"))
    else:
        raise SceneError("{obj} is no depth result any more.", obj=obj.name)
    sharpened, metric = shown
    if sharpened is None or metric is None:
        raise SceneError("The depth images of {obj} are gone.", obj=obj.name)

    shaping = shaping_by(given)
    depth, metric_depth = (
        shape_depth(sharpened, metric, each) / shaping.units_per_meter
        for each in (shaping, replace(shaping, sharpness=0.0))
    )
    height, width = sharpened.shape
    lens = {field: given[name] for name, field in LENS.items()}
    lens_of = Intrinsics(**lens, width=width, height=height)
    return Maps(depth, metric_depth, lens_of, is_panoramic(obj), sky_of(obj, sharpened), told)


def _kept_normals(image: bpy.types.Image | None, file: str | None) -> np.ndarray | None:
    """Those of a baked result, by the file of its frame where it was a sequence's."""
    if file:
        return file_values(file)[..., :3]
    return image_values(image)[..., :3] if image is not None and has_pixels(image) else None
