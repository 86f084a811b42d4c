"""Layer fill: what was invented for a layer, on an image of its own beneath what is painted.

Each kind of fill has its image, in the frame of the cut that it was made for; cutting anew takes
from it what the new cut does not show either, and never changes it.
"""

from dataclasses import dataclass

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import FillJob, Layer
from ...geometry.layers.frame import common_windows
from ..picture import has_pixels, image_size, image_values
from ..stored_intrinsics import read_intrinsics, stored_intrinsics
from .pictures import fill_color

# Custom properties of a layer: the images of its fills, by their kinds.
_IMAGES = {"TEXTURE": "sharpdepth_layer_texture", "MODEL": "sharpdepth_layer_model"}
# Custom properties of such an image: its intrinsics, and the job that it answers.
_FRAME, _STAMP = "sharpdepth_fill_frame", "sharpdepth_fill_stamp"


@dataclass(frozen=True)
class Fill:
    """What was invented for a layer.

    Attributes:
        job: What was to be filled.
        values: (3, H, W) float32, the answer, encoded as the job's own values.
    """

    job: FillJob
    values: np.ndarray


def keep_fill(
    obj: bpy.types.Object,
    kind: str,
    fill: Fill,
    intrinsics: Intrinsics,
    picture: bpy.types.Image,
) -> None:
    """Keep what was invented for a layer.

    Args:
        obj: Layer.
        kind: `TEXTURE` or `MODEL`.
        fill: What was invented.
        intrinsics: Of that size.
        picture: Picture that was split.
    """
    job, values = fill.job, fill.values
    rgba = np.zeros((*job.hole.shape, 4), np.float32)
    rgba[..., :3][job.hole] = job.encoding.decode(values[:, job.hole]).T
    rgba[..., 3] = job.hole
    # A new one each time, so that undo has the former.
    image = fill_color(None, f"{obj.name} {kind.lower()}", rgba, picture)
    image[_FRAME] = stored_intrinsics(intrinsics)
    image[_STAMP] = str(job.stamp)
    image.pack()
    former = obj.get(_IMAGES[kind])
    obj[_IMAGES[kind]] = image
    if former is not None and former.users == 0:
        bpy.data.images.remove(former)


def is_filled(obj: bpy.types.Object, kind: str, job: FillJob) -> bool:
    """Whether what is kept for a layer answers just this job."""
    image = obj.get(_IMAGES[kind])
    return image is not None and image.get(_STAMP) == str(job.stamp)


def lay_fill(obj: bpy.types.Object, kind: str, layer: Layer) -> None:
    """Put what is kept for a layer where its picture is invented, in place."""
    image = obj.get(_IMAGES.get(kind, ""))
    if image is None or not has_pixels(image):
        return
    kept = read_intrinsics(image[_FRAME])
    if image_size(image) != (kept.width, kept.height):  # somebody scaled it
        return
    here, there = common_windows(layer.intrinsics, kept)
    part = image_values(image)[there]
    where = layer.invented[here] & (part[..., 3] > 0.5)
    layer.rgba[here][where, :3] = part[where, :3]


def fill_images(obj: bpy.types.Object) -> list[bpy.types.Image]:
    """The images of a layer's fills."""
    return [image for key in _IMAGES.values() if (image := obj.get(key)) is not None]
