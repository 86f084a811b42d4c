"""Frames: the pictures of a source, each as its camera saw it."""

import os
from collections.abc import Sequence
from dataclasses import replace

import bpy
import numpy as np
from bpy.app.translations import pgettext_rpt
from mathutils import Matrix

from ...files import absolute, printable
from ...geometry import Intrinsics, View, view_of_background
from ..camera_at import camera_at
from ..camera_track import CameraView, camera_track
from ..errors import CameraError
from ..loading import load_image
from ..plates import Plate
from ..plates.image import PATTERN
from ..plates.numbering import files_like, numbering_of, spans
from ..shot import Shot, plain_name, shot_alone, shot_as_seen
from ..source import Source
from ..units import meters_per_unit
from .errors import SequenceError
from .sequence_folder import RawFrame


class Frames:
    """Pictures of a frame range, under a camera that may move and zoom.

    The camera is looked at once, when this is made, at every frame; the scene stays at its own.
    After that each frame can be read while the user works on another.

    Args:
        scene: Of the camera.
        source: Image sequence, movie or movie clip.
        camera: The one that took it; the scene's own stands for all that its markers switch to,
            each of which has its own background; None where it is still to be made.
        numbers: Frames of the scene, ascending. Those whose file is missing are left out.
        fov: Field of view across the longer side, in degrees, where there is no camera and
            somebody knows it.
        intrinsics: (fx, fy, cx, cy) in pixels, likewise.

    Raises:
        SourceError: The source is a single picture.
        CameraError: A camera is no perspective one, or has no background.
        SequenceError: There are no frames, or none of them has a picture.

    Attributes:
        numbers: The frames that have a picture of their own, ascending.
        name: Of the source.
        notes: Sentences for the user, such as about frames without a picture.
        meters_per_unit: Of the scene.
        focal_35mm: 35 mm equivalent millimeters by the files, once somebody has read them; taken
            where nobody else knows the lens.
    """

    def __init__(
        self,
        scene: bpy.types.Scene,
        source: Source,
        camera: bpy.types.Object | None,
        numbers: Sequence[int],
        fov: float | None = None,
        intrinsics: Sequence[float] | None = None,
    ) -> None:
        source.check_moving()
        asked = list(numbers)
        if not asked:
            raise SequenceError("There are no frames: the range ends before it starts.")
        self.name = plain_name(source.block.name)
        takes = _takes(scene, source, camera, asked)
        self._sources: dict[int, Source] = {}
        self._views: dict[int, CameraView] = {}
        for taken, by, frames in takes:
            found = taken.frames_shown(frames)
            self._sources |= dict.fromkeys(found, taken)
            if by and found:
                self._views |= camera_track(scene, by, found)
        self.numbers = sorted(self._sources)
        if not self.numbers:
            raise SequenceError(
                "{name} has no picture at the frames {numbers}.",
                name=self.name,
                numbers=spans(asked),
            )
        notes = [note for taken, _, _ in takes for note in taken.notes]
        self.notes = (*dict.fromkeys(notes), *_gaps(asked, self.numbers))
        self.meters_per_unit = meters_per_unit(scene)
        self.focal_35mm: float | None = None
        self._source = source
        self._scene = scene
        self._fov, self._intrinsics = fov, intrinsics
        clip = isinstance(source.block, bpy.types.MovieClip)
        self._calibrated = clip and source.block.tracking.reconstruction.is_valid

    @property
    def path(self) -> str:
        """File that the source names, for whoever compares two sources."""
        block = self._source.block
        return os.path.abspath(bpy.path.abspath(block.filepath, library=block.library))

    @property
    def has_camera(self) -> bool:
        """Whether the user, a camera or a calibrated clip knows the intrinsics of each frame."""
        return bool(self._views or self._fov or self._intrinsics or self._calibrated)

    @property
    def has_lens(self) -> bool:
        """Whether they do, or the files."""
        return self.has_camera or self.focal_35mm is not None

    @property
    def known(self) -> dict:
        """What was said of the camera, as JSON has it; frames made with another one do not mix."""
        if self._views:
            return {}  # each frame's own is compared
        first = None if self.has_camera else self.numbers[0]
        return {"fov": self._fov, "intrinsics": self._intrinsics and list(self._intrinsics),
                "first frame": first}  # fmt: skip

    def read(self, number: int) -> Shot:
        """The picture of a frame, its camera and its intrinsics as far as they are known.

        Raises:
            SourceError: There is none, or it cannot be read.
            CameraError: The background is scaled to nothing.
            SequenceError: The scene or the source has been deleted.
        """
        try:
            plate = self._sources[number].read(self._scene, number)
        except ReferenceError as error:
            raise SequenceError("The source of {name} has been deleted.", name=self.name) from error
        return self._shot(number, plate)

    def look(self, number: int, raw: RawFrame) -> tuple[Intrinsics | None, Matrix | None]:
        """What `read` would say of the camera, without reading the picture.

        Args:
            number: Frame.
            raw: What is kept of it, which tells its size.

        Returns:
            (intrinsics, matrix in Blender units), each None where it is not known.
        """
        if number not in self._views:
            return None, None
        height, width = raw.intrinsics.height, raw.intrinsics.width
        view = self._view(number, height, width, raw.pixel_aspect)
        return view.intrinsics, self._matrix(number, view)

    def in_meters(self, matrix: Matrix | None) -> np.ndarray | None:
        """A camera's matrix as RawFrame has it: (4, 4), its place in meters; None for None."""
        if matrix is None:
            return None
        values = np.array(matrix, float)
        values[:3, 3] *= self.meters_per_unit
        return values

    def _shot(self, number: int, plate: Plate) -> Shot:
        if number not in self._views:
            shot = shot_alone(plate)
            if self._intrinsics:
                return replace(shot, intrinsics=shot.seen_with(self._intrinsics))
            if self._fov:
                return shot.with_fov(self._fov)
            if self.focal_35mm and shot.intrinsics is None:
                return shot.with_focal_35mm(self.focal_35mm)
            return shot
        height, width = plate.rgb.shape[:2]
        view = self._view(number, height, width, plate.pixel_aspect)
        flip = self._sources[number].background.flip
        return shot_as_seen(plate, flip, view.intrinsics, self._matrix(number, view))

    def _view(self, number: int, height: int, width: int, pixel_aspect: float) -> View:
        seen = self._views[number]
        placement = self._sources[number].background.placement
        try:
            return view_of_background(
                seen.intrinsics, seen.spans_width, width, height, 1 / pixel_aspect, placement
            )
        except ValueError as error:
            raise CameraError(
                "The background of the camera {camera}: {error}", camera=self.name, error=error
            ) from error

    def _matrix(self, number: int, view: View) -> Matrix:
        return self._views[number].matrix @ Matrix.Rotation(view.roll, 4, "Z")


def _takes(
    scene: bpy.types.Scene,
    source: Source,
    camera: bpy.types.Object | None,
    numbers: Sequence[int],
) -> list[tuple[Source, bpy.types.Object | None, list[int]]]:
    """Who takes which frames of what: (source, camera, frames) of each camera that renders some."""
    if camera is None or camera not in (scene.camera, camera_at(scene)):
        return [(source, camera, list(numbers))]
    by_camera: dict[bpy.types.Object, list[int]] = {}
    for number in numbers:
        by_camera.setdefault(camera_at(scene, number) or camera, []).append(number)
    return [
        (source if each == camera else source.behind(scene, each), each, frames)
        for each, frames in by_camera.items()
    ]


def _gaps(asked: Sequence[int], found: Sequence[int]) -> list[str]:
    """A sentence about the frames that have no picture, where there are some."""
    missing = sorted({*range(asked[0], asked[-1] + 1)}.difference(found))
    if not missing:
        return []
    sentence = pgettext_rpt("Frames without a picture, where the nearest one is held: {numbers}.")
    return [sentence.format(numbers=spans(missing))]


def picture_sequence(path: str | os.PathLike[str]) -> tuple[bpy.types.Image, list[int]]:
    """Open a movie, or the image sequence that a file or a pattern such as `plate.####.png` names.

    Where `#` stands for digits, exactly these count; without it they are the last ones before the
    extension, as for Blender.

    Args:
        path: One of the files, or their common name with `#` for digits.

    Returns:
        (image, numbers): an image datablock, and the frames that it has.

    Raises:
        SequenceError: There is no such file, only one, or two with the same number.
        SourceError: The pattern has more than one run of `#`.
    """
    path = absolute(path)
    name = os.path.basename(path)
    files = files_like(path)
    if "#" in name and not files:
        raise SequenceError("There are no files like {path}.", path=path)
    # Blender pads by the name that it has, so that the shortest lets numbers outgrow their zeros.
    first = min(files, key=lambda each: (each < 0, len(files[each][0]), each), default=None)
    shown = path if first is None else files[first][0]
    opened = shown if "#" in name else path
    if not os.path.isfile(opened):
        raise SequenceError("The file {path} does not exist.", path=path)
    try:
        image = load_image(opened)
    except (RuntimeError, UnicodeError) as error:
        raise SequenceError("Blender cannot read the file {path}.", path=path) from error
    if image.source == "MOVIE":
        return image, list(range(1, image.frame_duration + 1))
    try:
        _check_files(path, files)
    except SequenceError:
        bpy.data.images.remove(image)
        raise
    if opened != shown:
        image.filepath, image.name = shown, printable(os.path.basename(shown))
    image.source = "SEQUENCE"
    if "#" in name:
        image[PATTERN] = os.fsencode(name)
    return image, list(files)


def _check_files(path: str, files: dict[int, list[str]]) -> None:
    """Make sure that files are a sequence, each of them with a number of its own."""
    numbering = numbering_of(os.path.basename(path))
    if len(files) < 2:
        if numbering is None:
            raise SequenceError("{path} is a single picture, and no sequence.", path=path)
        raise SequenceError(
            "{path} is a single picture, and no sequence: there are no others like {pattern}. Give "
            "the name with # for each digit of the frame.",
            path=path,
            pattern=numbering.pattern,
        )
    for number, (one, *others) in files.items():
        if others:
            raise SequenceError(
                "{one} and {other} are both frame {number}: give the name with # for each digit, "
                "as many as one of them has.",
                one=os.path.basename(one),
                other=os.path.basename(others[0]),
                number=number,
            )
