"""Shot: a picture as it is seen, and what is known of the camera that saw it."""

import math
from dataclasses import dataclass, replace
from pathlib import PurePath

import bpy
import numpy as np
from mathutils import Matrix

from ..geometry import Intrinsics
from .background import view_through
from .camera import camera_matrix


@dataclass(frozen=True)
class Shot:
    """A picture as it is seen, and what is known of the camera that saw it.

    Attributes:
        name: Of what is made from it.
        rgb: (H, W, 3) uint8 sRGB, row 0 at the top.
        texture: The user's own image of these very pixels, None where there is none.
        path: File behind it, None where there is none.
        pixel_aspect: Height over width of a pixel, so `fx / fy`.
        intrinsics: Of the camera; None while they are not known.
        matrix: World matrix of the camera, turned as the picture is; None to make a camera.
        notes: A sentence for everything that was changed or assumed.
        flip: Whether it is mirrored, (left to right, upside down), from what the file has.
    """

    name: str
    rgb: np.ndarray
    texture: bpy.types.Image | None
    path: str | None
    pixel_aspect: float
    intrinsics: Intrinsics | None
    matrix: Matrix | None
    notes: tuple[str, ...]
    flip: tuple[bool, bool] = (False, False)

    @property
    def picture(self):
        """The texture where there is one, else the pixels."""
        return self.rgb if self.texture is None else self.texture

    def seen_with(self, found):
        """Intrinsics that a model found, (fx, fy, cx, cy) pixels, with the picture's own pixels.

        Blender's cameras have one focal length; of two that differ it gets the geometric mean.
        """
        fx, fy, cx, cy = found
        focal = math.sqrt(fx / self.pixel_aspect * fy)
        height, width = self.rgb.shape[:2]
        return Intrinsics(focal * self.pixel_aspect, focal, cx, cy, width, height)

    def noting(self, notes):
        """The shot, with more notes."""
        return replace(self, notes=(*self.notes, *notes))

    def with_focal_35mm(self, millimeters):
        """The shot, taken with a 35 mm equivalent focal length."""
        return self._centered(Intrinsics.from_focal_35mm(millimeters, *self._square_size()).fy)

    def with_fov(self, degrees):
        """The shot, taken with a field of view across its longer side, 0 < degrees < 180."""
        return self._centered(Intrinsics.from_fov(degrees, *self._square_size()).fy)

    def _centered(self, focal):
        height, width = self.rgb.shape[:2]
        return replace(
            self,
            intrinsics=self.seen_with((focal * self.pixel_aspect, focal, width / 2, height / 2)),
        )

    def _square_size(self):
        """The picture's size in square pixels as high as its own."""
        height, width = self.rgb.shape[:2]
        return max(1, round(width / self.pixel_aspect)), height


def shot_through(scene, camera, plate, background):
    """A plate as a camera shows it, at the scene's current frame.

    Args:
        scene: Scene of the camera.
        camera: Camera object.
        plate: plates.Plate.
        background: background.Background that says where it lies.

    Raises:
        CameraError: The camera is no perspective one, or scales the picture to nothing.
    """
    height, width = plate.rgb.shape[:2]
    view = view_through(scene, camera, background, width, height, plate.pixel_aspect)
    matrix = camera_matrix(scene, camera) @ Matrix.Rotation(view.roll, 4, "Z")
    return shot_as_seen(plate, background.flip, view.intrinsics, matrix)


def shot_as_seen(plate, flip, intrinsics, matrix):
    """A plate as a camera that is known shows it.

    Args:
        plate: plates.Plate.
        flip: Whether it is mirrored, (left to right, upside down).
        intrinsics: Of the picture as it is shown.
        matrix: World matrix of the camera, turned as the picture is.
    """
    return Shot(
        plain_name(plate.name),
        mirrored(plate.rgb, flip),
        None if any(flip) else plate.texture,
        plate.path,
        plate.pixel_aspect,
        intrinsics,
        matrix,
        tuple(plate.notes),
        tuple(flip),
    )


def mirrored(values, flip):
    """Rows and columns turned round where `flip`, (left to right, upside down), says so."""
    return np.ascontiguousarray(values[:: -1 if flip[1] else 1, :: -1 if flip[0] else 1])


def shot_alone(plate):
    """A plate whose camera is still to be made; its intrinsics may be known from a solved clip."""
    return Shot(
        plain_name(plate.name),
        plate.rgb,
        plate.texture,
        plate.path,
        plate.pixel_aspect,
        plate.intrinsics,
        None,
        tuple(plate.notes),
    )


def plain_name(name):
    """The name of an image or a clip without the ending of its file."""
    path = PurePath(name)
    endings = bpy.path.extensions_image | bpy.path.extensions_movie
    return path.stem if path.suffix.lower() in endings else name
