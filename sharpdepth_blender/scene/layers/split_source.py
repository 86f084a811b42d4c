"""Plate: the picture and depth that a rig was split from, as arrays."""

from dataclasses import dataclass, replace
from functools import cached_property

import bpy
import numpy as np

from ...geometry import DepthRemap, Intrinsics, nearest, shape_depth, thin
from ...geometry.planes import FlatDepth
from ...geometry.srgb import from_linear
from ..picture import has_pixels, image_values
from .layer_root import images_gone, kept_images, kept_intrinsics, kept_numbers


@dataclass(frozen=True)
class Plate:
    """A picture with depth.

    Attributes:
        picture: (H, W, 3) float32, as stored in the image.
        depth: (H, W) float32 meters, holes 0, without limits near or far.
        intrinsics: Intrinsics of that size.
        is_linear: Whether the picture is scene-linear rather than sRGB.
        sight: Meters that the camera sees.
    """

    picture: np.ndarray
    depth: np.ndarray
    intrinsics: Intrinsics
    is_linear: bool
    sight: float

    @cached_property
    def flat(self) -> FlatDepth:
        """The depth laid on its planes, found at the first call."""
        picture = self.picture
        if self.is_linear:
            picture = from_linear(picture.clip(0, 1))
        return FlatDepth.of(self.depth, self.intrinsics, picture)

    def thinned(self, longest: int, with_flat: bool = False) -> "Plate":
        """The plate with at most so many pixels along the longer side, for a draft.

        Args:
            longest: Pixels.
            with_flat: Whether its planes are to be those of the whole plate.
        """
        if max(self.depth.shape) <= longest:
            return self
        picture, intrinsics = thin(self.picture, self.intrinsics, longest)
        depth, _ = thin(self.depth, self.intrinsics, longest)
        plate = replace(self, picture=picture, depth=depth, intrinsics=intrinsics)
        if with_flat:
            vars(plate)["flat"] = self.flat.resized(intrinsics.width, intrinsics.height)
        return plate


def read_plate(rig: bpy.types.Object) -> Plate:
    """Read what a rig was split from.

    Args:
        rig: Empty that holds the layers.

    Returns:
        Plate of the picture's size.

    Raises:
        LayersError: An image is gone.
    """
    images, kept = kept_images(rig), kept_numbers(rig)
    if not all(has_pixels(image) for image in images.values()):
        raise images_gone(rig)
    shaping = DepthRemap(
        sharpness=kept["Sharpness"], scale=kept["Depth Scale"], offset=kept["Depth Offset"]
    )
    sharpened, metric = (image_values(images[name])[..., 0] for name in ("Depth", "Metric Depth"))
    depth = shape_depth(sharpened, metric, shaping)
    picture = images["Picture"]
    values = image_values(picture)
    values = np.repeat(values, 3, axis=2) if values.shape[2] < 3 else values[..., :3]
    height, width = values.shape[:2]
    if depth.shape != (height, width):
        depth = nearest(depth, width, height)
    return Plate(
        np.ascontiguousarray(values),
        np.ascontiguousarray(depth),
        kept_intrinsics(rig, width, height),
        bool(picture.is_float),
        kept["Sight"],
    )
