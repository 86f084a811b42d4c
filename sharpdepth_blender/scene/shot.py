"""Shot: a picture as it is seen, and what is known of the camera that saw it."""

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import bpy
import numpy as np
from mathutils import Matrix

from ..files import printable
from ..geometry import Intrinsics, View, view_of_background
from ..geometry.lens import Distortion
from .camera import camera_intrinsics, camera_matrix, spans_width
from .camera_track import CameraView, camera_track, matrix_at
from .errors import CameraError
from .plates import Plate, UnreadableFile
from .plates.display import Display
from .source import Background, Source
from .taken import Taken, taken_from

# Of pictures that the engine reads alone, and of all.
ENGINE_ENDINGS = (".avif", ".gif", ".heic", ".heif", ".ppm")
_ENDINGS = {
    *bpy.path.extensions_image,  # type: ignore[attr-defined]
    *bpy.path.extensions_movie,  # type: ignore[attr-defined]
    *ENGINE_ENDINGS,
}  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """A picture as it is seen, and what is known of the camera that saw it.

    Attributes:
        name: Of what is made from it.
        rgb: (H, W, 3) uint8 sRGB, row 0 at the top; None while only the engine can read its file.
        texture: The user's own image of these very pixels, None where there is none.
        path: File behind it, None where there is none.
        pixel_aspect: Height over width of a pixel, so `fx / fy`.
        intrinsics: Of the camera; None while they are not known.
        matrix: World matrix of the camera, turned as the picture is; None to make a camera.
        notes: A sentence for everything that was changed or assumed.
        flip: Whether it is mirrored, (left to right, upside down), from what the file has.
        taken: What tells this picture and its camera from others.
        full_size: Width and height of what it was made smaller from; None where it was not.
        display: What is still to fill `rgb`; None where that is done.
        distortion: What was removed from the file's pixels; None where nothing was.
    """

    name: str
    rgb: np.ndarray | None
    texture: bpy.types.Image | None
    path: str | None
    pixel_aspect: float
    intrinsics: Intrinsics | None
    matrix: Matrix | None
    notes: tuple[str, ...]
    flip: tuple[bool, bool] = (False, False)
    taken: Taken = Taken()
    full_size: tuple[int, int] | None = None
    display: Display | None = None
    distortion: Distortion | None = None

    @property
    def picture(self) -> bpy.types.Image | np.ndarray | None:
        """The texture where there is one, else the pixels."""
        return self.rgb if self.texture is None else self.texture

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        assert self.rgb is not None
        height, width = self.rgb.shape[:2]
        return width, height

    @property
    def unseen(self) -> np.ndarray | None:
        """(H, W) bool, where the lens showed nothing of this picture; None where it showed all."""
        if self.distortion is None:
            return None
        found = self.distortion.unseen(*self.size)
        return mirrored(found, self.flip) if found.any() else None

    def from_file(self, points: np.ndarray) -> np.ndarray:
        """(N, 3) u, v, depth, whose u, v are in pixels of the file, in pixels of this picture."""
        if self.full_size is None:
            return points
        (width, height), (full, tall) = self.size, self.full_size
        return np.asarray(points) * (width / full, height / tall, 1)

    def seen_with(self, found: Sequence[float]) -> Intrinsics:
        """Intrinsics that a model found, (fx, fy, cx, cy) pixels, with the picture's own pixels.

        Blender's cameras have one focal length; of two that differ it gets the geometric mean.
        """
        fx, fy, cx, cy = found
        focal = math.sqrt(fx / self.pixel_aspect * fy)
        return Intrinsics(focal * self.pixel_aspect, focal, cx, cy, *self.size)

    def noting(self, notes: Iterable[str]) -> "Shot":
        """The shot, with more notes, each once."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))

    def seen_from(
        self, scene: bpy.types.Scene, camera: bpy.types.Object, frame: int | None = None
    ) -> "Shot":
        """The shot, taken from the place of a camera that sees all around, now or at a frame."""
        taken = replace(self.taken, camera=camera.session_uid)
        if frame is None:
            return replace(self, matrix=camera_matrix(scene, camera), taken=taken)
        taken = replace(taken, seen_at=frame)
        return replace(self, matrix=matrix_at(scene, camera, frame), taken=taken)

    def with_intrinsics(self, intrinsics: Sequence[float]) -> "Shot":
        """The shot, taken with (fx, fy, cx, cy) in its file's pixels; `fx / fy` is their shape."""
        fx, fy, cx, cy = intrinsics
        aspect = fx / fy
        return replace(
            self,
            texture=self.texture if aspect == self.pixel_aspect else None,
            pixel_aspect=aspect,
            intrinsics=Intrinsics(fx, fy, cx, cy, *(self.full_size or self.size)).resized(
                *self.size
            ),
        )

    def with_focal_35mm(self, millimeters: float) -> "Shot":
        """The shot, taken with a 35 mm equivalent focal length."""
        return self._centered(Intrinsics.from_focal_35mm(millimeters, *self._square_size()).fy)

    def with_fov(self, degrees: float) -> "Shot":
        """The shot, taken with a field of view across its longer side, 0 < degrees < 180."""
        return self._centered(Intrinsics.from_fov(degrees, *self._square_size()).fy)

    def with_pixels(self, rgb: np.ndarray, full_size: Sequence[int] | None = None) -> "Shot":
        """The shot with the pixels that its file means, where Blender shows others.

        Args:
            rgb: (H, W, 3) uint8 sRGB, not mirrored; of another shape only if the camera is still to
                be made, of another size at any time.
            full_size: Width and height of what they were made smaller from; None if they were not.
        """
        known, (height, width) = self.intrinsics, rgb.shape[:2]
        if known and (known.width, known.height) != (width, height):
            known = known.resized(width, height)
        width, height = full_size or rgb.shape[1::-1]
        if self.distortion is not None:
            rgb = self.distortion.undistort(rgb)
        return replace(
            self,
            rgb=mirrored(rgb, self.flip),
            texture=None,
            intrinsics=known,
            full_size=(width, height) if full_size else None,
            display=None,
        )

    def _centered(self, focal: float) -> "Shot":
        width, height = self.size
        return replace(
            self,
            intrinsics=self.seen_with((focal * self.pixel_aspect, focal, width / 2, height / 2)),
        )

    def _square_size(self) -> tuple[int, int]:
        """The picture's size in square pixels as high as its own."""
        width, height = self.size
        return max(1, round(width / self.pixel_aspect)), height


def read_shot(
    scene: bpy.types.Scene,
    source: Source,
    camera: bpy.types.Object | None,
    at_once: bool = True,
    frame: int | None = None,
) -> Shot:
    """Read the picture of a source as its camera sees it, at the scene's current frame.

    Args:
        scene: Scene of the camera.
        source: As of `find_source` for this camera.
        camera: Camera object that took the picture; None where it is still to be made.
        at_once: As of `read_image`.
        frame: Frame at which the camera, though not its picture, is looked at; None for now.

    Raises:
        SourceError: There is no picture, or it cannot be read. One that is a file which only the
            engine may read comes without pixels, if the camera is still to be made.
        CameraError: The camera is no perspective one, or scales the picture to nothing.
    """
    if camera:
        assert source.background is not None  # a camera shows its pictures somewhere
        plate = source.read(scene, at_once=at_once)
        shot = shot_through(scene, camera, plate, source.background, frame)
        shot = shot.noting(source.notes)
    else:
        try:
            shot = shot_alone(source.read(scene, at_once=at_once))
        except UnreadableFile as error:
            return unread_shot(error.path)
    taken = taken_from(scene, source.block, camera)
    return replace(shot, taken=taken if frame is None else replace(taken, seen_at=frame))


def unread_shot(path: str) -> Shot:
    """The picture of a file that only the engine may read, whose camera is still to be made."""
    name, taken = plain_name(os.path.basename(path)), Taken(path=path)
    return Shot(name, None, None, path, 1.0, None, None, (), taken=taken)


def shot_through(
    scene: bpy.types.Scene,
    camera: bpy.types.Object,
    plate: Plate,
    background: Background,
    frame: int | None = None,
) -> Shot:
    """A plate as a camera shows it, at the scene's current frame or another one.

    Args:
        scene: Scene of the camera.
        camera: Camera object.
        plate: The picture.
        background: Where it lies in the camera's frame.
        frame: At which the camera is looked at; None for the current one.

    Raises:
        CameraError: The camera is no perspective one, or scales the picture to nothing.
    """
    height, width = plate.rgb.shape[:2]
    if frame is None:
        view = view_through(scene, camera, background, width, height, plate.pixel_aspect)
        matrix = camera_matrix(scene, camera)
    else:
        seen = camera_track(scene, camera, [frame])[frame]
        view = _laid_in(seen, camera, background, width, height, plate.pixel_aspect)
        matrix = seen.matrix
    matrix = matrix @ Matrix.Rotation(view.roll, 4, "Z")
    return shot_as_seen(plate, background.flip, view.intrinsics, matrix)


def view_through(
    scene: bpy.types.Scene,
    camera: bpy.types.Object,
    background: Background,
    width: int,
    height: int,
    pixel_aspect: float,
) -> View:
    """Find the camera that took the picture which is a camera's background.

    Args:
        scene: Its render size and pixel aspect count.
        camera: Camera object.
        background: Background of it.
        width: Picture width in pixels.
        height: Picture height in pixels.
        pixel_aspect: Height over width of one of the picture's pixels.

    Returns:
        View of the picture as it is shown, mirrored where it is flipped.

    Raises:
        CameraError: The camera is no perspective one, or scales the picture to nothing.
    """
    # Rendered at another percentage the frame is rounded to whole pixels; the viewport's is not.
    seen = CameraView(
        camera_intrinsics(scene, camera, percentage=100),
        spans_width(scene, camera),
        camera_matrix(scene, camera),
    )
    return _laid_in(seen, camera, background, width, height, pixel_aspect)


def _laid_in(
    seen: CameraView,
    camera: bpy.types.Object,
    background: Background,
    width: int,
    height: int,
    pixel_aspect: float,
) -> View:
    """The view of a background, from the camera as it is at a frame."""
    try:
        return view_of_background(
            seen.intrinsics,
            seen.spans_width,
            width,
            height,
            1 / pixel_aspect,
            background.placement,
        )
    except ValueError as error:
        raise CameraError(
            "The background of the camera {camera}: {error}", camera=camera.name, error=error
        ) from error


def shot_as_seen(
    plate: Plate,
    flip: tuple[bool, bool],
    intrinsics: Intrinsics | None,
    matrix: Matrix | None,
) -> Shot:
    """A plate as a camera that is known shows it.

    Args:
        plate: The picture.
        flip: Whether it is mirrored, (left to right, upside down).
        intrinsics: Of the picture as it is shown.
        matrix: World matrix of the camera, turned as the picture is.
    """
    if any(flip) and plate.display:
        plate.display.finish()  # before it is copied
    return Shot(
        plain_name(plate.name),
        mirrored(plate.rgb, flip),
        None if any(flip) else plate.texture,
        plate.path,
        plate.pixel_aspect,
        intrinsics,
        matrix,
        tuple(plate.notes),
        flip,
        full_size=plate.full_size,
        display=None if any(flip) else plate.display,
        distortion=plate.distortion,
    )


def mirrored(values: np.ndarray, flip: tuple[bool, bool]) -> np.ndarray:
    """Rows and columns turned round where `flip`, (left to right, upside down), says so."""
    return np.ascontiguousarray(values[:: -1 if flip[1] else 1, :: -1 if flip[0] else 1])


def shot_alone(plate: Plate) -> Shot:
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
        full_size=plate.full_size,
        display=plate.display,
        distortion=plate.distortion,
    )


def plain_name(name: str) -> str:
    """The name of an image, a clip or a file without its ending, as Blender can hold it."""
    path = PurePath(printable(name))
    return path.stem if path.suffix.lower() in _ENDINGS else path.name
