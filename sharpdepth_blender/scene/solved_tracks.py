"""Solved tracks: points of a movie clip whose depth is known from its camera solve."""

import bpy
import numpy as np
from bpy.app.translations import pgettext_rpt

from ..geometry import has_proportions
from ..geometry.axes import other_axes
from ..geometry.lens import undistort_places
from ..geometry.point_files import WORST_ERROR, pixels_of, seen_in
from .camera_at import camera_at
from .errors import CameraError, TracksError
from .evaluation import evaluated
from .picture import image_size
from .plates.clip import clip_lens
from .shot import Shot
from .source import find_background
from .units import meters_per_unit


def clip_behind(scene: bpy.types.Scene) -> bpy.types.MovieClip | None:
    """The movie clip behind the scene's camera, else the scene's active clip, else None."""
    try:
        if camera := camera_at(scene):
            behind = find_background(scene, camera, "MOVIE_CLIP").source
            assert isinstance(behind, bpy.types.MovieClip)
            return behind
    except CameraError:
        pass
    return scene.active_clip


class SolvedTracks:
    """The solved tracks of a movie clip's active tracking object.

    Their depth is in the solve's own unit, which is one Blender unit unless somebody has scaled it.
    Scaling is looked for where Blender's Set Scale puts it: on the camera that has a Camera Solver
    constraint, or its parent, and for a tracked object in its own scale.

    The clip is read on construction and by `points`; nothing else needs it.

    Args:
        scene: Scene of the camera, with the unit of length.
        clip: Movie clip.
        undistorted: Whether the picture has the clip's lens distortion removed, as by `read_clip`.

    Attributes:
        meters: Meters per unit of the solve.

    Raises:
        TracksError: There is no clip, or it was not solved.
    """

    def __init__(
        self, scene: bpy.types.Scene, clip: bpy.types.MovieClip | None, undistorted: bool
    ) -> None:
        if clip is None:
            raise TracksError(
                "There is no movie clip with tracks: show it behind the scene's camera, or make it "
                "the scene's active clip."
            )
        self._clip = clip
        self._name, self._size = clip.name, image_size(clip)
        self._object = clip.tracking.objects.active
        if not self._object.reconstruction.is_valid:
            raise TracksError(
                "The tracks of the movie clip {clip} are not solved: solve them in the Movie Clip "
                "Editor.",
                clip=clip.name,
            )
        self.meters = _scale(scene, clip) * meters_per_unit(scene)
        self._undistorted = undistorted
        self._tracks = [track for track in self._object.tracks if track.has_bundle]
        self._bundles = np.array([track.bundle for track in self._tracks]).reshape(-1, 3)

    @property
    def note(self) -> str:
        """A sentence for the user about where meters come from."""
        sentence = pgettext_rpt(
            "Meters come from the solved tracks of {clip}; a unit of the solve was taken for "
            "{meters} m."
        )
        return sentence.format(clip=self._name, meters=f"{self.meters:g}")

    def points(self, frame: int) -> tuple[np.ndarray, list[str]]:
        """The tracks that have an enabled marker at a frame, at the places of their markers.

        Tracks whose reprojection error at the frame exceeds `WORST_ERROR` are left out.

        Args:
            frame: Frame of the scene.

        Returns:
            (points, notes): (N, 3) float64, N >= 1, with u and v in pixels of the clip's picture,
            inside it, and z-depth in meters, above zero; and sentences for the user.

        Raises:
            TracksError: The solve has no camera at the frame, or the frame has no such track.
        """
        # The frame as markers and cameras count it; the offset of the files has no effect.
        number = frame - self._clip.frame_start + 1
        cameras = self._object.reconstruction.cameras
        if cameras.find_frame(frame=number) is None:
            raise TracksError(
                "The solve of the movie clip {clip} has no camera at frame {frame}.",
                clip=self._name,
                frame=frame,
            )
        width, height = self._size
        lens, intrinsics = clip_lens(self._clip, width, height)
        places = self._places(number) * (width, -height) + (0, height)
        straight = undistort_places(places, lens, intrinsics)
        # Includes the scale of a tracked object, unlike the reconstructed camera's own matrix.
        into_camera = np.array(cameras.matrix_from_frame(frame=number).inverted())
        local = self._bundles @ into_camera[:3, :3].T + into_camera[:3, 3]
        solved = pixels_of(other_axes(local), intrinsics)
        # NaN without a marker. Blender's average error would be over all frames, times the weight.
        accurate = np.hypot(*(solved[:, :2] - straight).T) <= WORST_ERROR
        points = np.column_stack(
            [straight if self._undistorted else places, solved[:, 2] * self.meters]
        )[accurate]
        points = points[seen_in(points, width, height)]
        if not len(points):
            raise TracksError(
                "No solved track of the movie clip {clip} has an enabled marker at frame {frame} "
                "where the solve sees it.",
                clip=self._name,
                frame=frame,
            )
        inaccurate = len(accurate) - int(accurate.sum()) - int(np.isnan(places[:, 0]).sum())
        used = pgettext_rpt("{count} solved tracks were used.")
        notes = [used.format(count=len(points))]
        if inaccurate:
            sentence = pgettext_rpt(
                "{count} tracks with a reprojection error of more than {pixels} pixels were left "
                "out."
            )
            notes.append(sentence.format(count=inaccurate, pixels=f"{WORST_ERROR:g}"))
        return points, notes

    def _places(self, number: int) -> np.ndarray:
        """Marker places of all tracks, (N, 2) in 0..1 from the lower left; NaN without a marker."""
        places = np.full((len(self._tracks), 2), np.nan)
        for place, track in zip(places, self._tracks, strict=True):
            marker = track.markers.find_frame(number)
            if marker is not None and not marker.mute:
                place[:] = marker.co + track.offset
        return places

    def points_of(self, shot: Shot, points: np.ndarray) -> np.ndarray:
        """Convert points of the clip's picture to a shot of it, which may be mirrored or resized.

        Args:
            shot: Shot of the clip.
            points: (N, 3), as returned by `points`.

        Returns:
            (N, 3) with u and v in pixels of the shot, and the same z-depth.

        Raises:
            TracksError: The shot's proportions are not the clip's.
        """
        columns, rows = self._size
        height, width = shot.rgb.shape[:2]
        if not has_proportions(columns, rows, width, height):
            raise TracksError(
                "The movie clip {clip} is of {columns} x {rows} pixels, which are not the "
                "proportions of the picture's {width} x {height}: take tracks of the picture's own "
                "clip.",
                clip=self._name,
                columns=columns,
                rows=rows,
                width=width,
                height=height,
            )
        u, v, z = points.T * ((width / columns,), (height / rows,), (1,))
        across, down = shot.flip
        return np.stack([width - u if across else u, height - v if down else v, z], -1)


def _scale(scene: bpy.types.Scene, clip: bpy.types.MovieClip) -> float:
    """Blender units per unit of the solve."""
    cameras = [
        each for each in (camera_at(scene), *scene.objects) if each and each.type == "CAMERA"
    ]
    solved = next((each for each in cameras if _is_solved_by(scene, each, clip)), None)
    if solved is None:
        return 1.0
    matrix = evaluated(scene, solved).matrix_world
    # The constraint itself only rotates and translates.
    return abs(matrix.to_3x3().determinant()) ** (1 / 3)


def _is_solved_by(
    scene: bpy.types.Scene, camera: bpy.types.Object, clip: bpy.types.MovieClip
) -> bool:
    return any(
        isinstance(constraint, bpy.types.CameraSolverConstraint)
        and (scene.active_clip if constraint.use_active_clip else constraint.clip) == clip
        for constraint in camera.constraints
    )
