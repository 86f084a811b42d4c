"""Generating: depth of a picture or of a shot as an object."""

import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import bpy
import numpy as np

from ..geometry.panorama import AROUND
from ..process import Engine
from ..process.job import DepthResult
from ..scene import CameraError, SolvedTracks
from ..scene.camera import sees_around
from ..scene.linked import check_local
from ..scene.opened_images import opened_images
from ..scene.sequence import Frames, SequenceError, picture_sequence
from ..scene.shot import Shot
from ..scene.source import AUTO, Source, automatic_source, find_source
from ..scene.taken import taken_from
from ..tasks import following
from ..tasks.generate import Generation
from ..tasks.generate_sequence import SequenceGeneration, add_sequence_object
from ..tasks.inputs import CameraChoice, Picture, frame_to_stay_at, shot_of, staying_note
from ..tasks.measured_files import DepthFile, PointsFile
from ..tasks.session import get_engine
from .script import Show, current_scene, see_through


def begin_generate(
    picture: Picture,
    scene: bpy.types.Scene | None = None,
    *,
    camera: CameraChoice = None,
    fov: float | None = None,
    intrinsics: Sequence[float] | None = None,
    metric_depth: np.ndarray | DepthFile | None = None,
    metric_points: np.ndarray | PointsFile | SolvedTracks | None = None,
    output: str = "Mesh",
    keep_both: bool = False,
    engine: Engine | None = None,
    on_finish: Callable[[bpy.types.Object, Shot, DepthResult], None] | None = None,
    **options: Any,
) -> Generation:
    """Begin what `generate` does; `step` the task until it is over, or `run` it.

    Args:
        picture: As for `generate`, like what follows.
        scene: Likewise.
        camera: Likewise.
        fov: Likewise.
        intrinsics: Likewise.
        metric_depth: Likewise.
        metric_points: Likewise.
        output: Likewise.
        keep_both: Likewise.
        engine: Likewise.
        on_finish: Called with the object, the picture as it was seen and what the engine said.
        **options: Likewise.

    Raises:
        SceneError: As of `generate`, if it is known at once.
    """
    scene = scene or current_scene()
    check_local(scene)
    _check_lens(None if fov == AROUND else fov, intrinsics)
    following.ensure_registered()
    with opened_images() as opened:
        if isinstance(camera, bpy.types.Object) and sees_around(camera):
            shot = _seen_around(scene, shot_of(scene, picture, None, at_once=False), camera,
                                not keep_both)  # fmt: skip
            fov = AROUND
        else:
            shot = shot_of(scene, picture, camera, at_once=False, again=not keep_both)
        if isinstance(metric_points, SolvedTracks):
            tracks = metric_points
            frame = shot.taken.seen_at
            points, notes = tracks.points(scene.frame_current if frame is None else frame)
            metric_points = tracks.points_of(shot, points)
            shot = shot.noting((tracks.note, *notes))
    return Generation(
        engine or get_engine(),
        scene,
        shot,
        fov=fov,
        intrinsics=intrinsics,
        metric_depth=metric_depth,
        metric_points=metric_points,
        output=output,
        keep_both=keep_both,
        opened=opened,
        on_finish=on_finish,
        **options,
    )


def _seen_around(scene: bpy.types.Scene, shot: Shot, camera: bpy.types.Object, again: bool) -> Shot:
    """A shot as a camera that sees all around has taken it, where its result was made if again."""
    taken = replace(shot.taken, camera=camera.session_uid)
    frame = frame_to_stay_at(scene, taken, camera, around=True) if again else None
    shot = shot.seen_from(scene, camera, frame)
    return shot if frame is None else shot.noting([staying_note(camera, frame)])


def generate(
    picture: Picture,
    scene: bpy.types.Scene | None = None,
    *,
    show: Show = lambda fraction, message: None,
    **settings: Any,
) -> bpy.types.Object:
    """Turn a picture into a live depth mesh under it, in meters.

    Args:
        picture: A file of any kind that Blender or the engine reads, an image or a movie clip, at
            the scene's current frame.
        scene: That gets it; None for the current one. One without objects also gets the picture's
            render size.
        show: Called with a fraction in 0..1 and a sentence while it goes on.
        **settings: camera: camera object that took the picture, as its background or else as a
            whole in the middle of its frame (None makes one, "AUTO" does so where no camera
            shows the picture as its background; one that sees all around took a panorama); fov:
            degrees across the longer side, 360 of an equirectangular panorama; intrinsics: (fx, fy,
            cx, cy) in pixels; metric_depth: (H, W) meters with holes 0, or a `DepthFile`;
            metric_points: (N, 3) u, v in pixels and meters, a `PointsFile` or `SolvedTracks`;
            output: `Mesh` or `Points`; keep_both: whether to make another one where the scene has a
            live result of the same picture and camera, which otherwise gets the new depth and keeps
            all else, and stays where an animated camera was when it was made; engine:
            `process.Engine`, None for this session's; and the engine's options, as of
            `InferRequest`: model, estimator, device, precision, resolution, detail, seed.

    Returns:
        The object; `obj.sharpdepth` has its depth maps and the notes.

    Raises:
        SceneError: There is no such picture, it cannot be read, the camera is no perspective one,
            or what was measured cannot be used.
        JobError: The engine is missing, reports an error, or died.
    """
    made: list[bpy.types.Object] = []
    task = begin_generate(
        picture, scene, on_finish=lambda obj, shot, result: made.append(obj), **settings
    )
    see_through(task, show)
    return made[0]


def begin_sequence(
    source: str | os.PathLike | Source,
    folder: str | os.PathLike,
    scene: bpy.types.Scene | None = None,
    *,
    camera: CameraChoice = None,
    frames: Iterable[int] | None = None,
    fov: float | None = None,
    intrinsics: Sequence[float] | None = None,
    engine: Engine | None = None,
    **settings: Any,
) -> SequenceGeneration:
    """Begin what `generate_sequence` does; `step` the task until it is over, or `run` it.

    Args:
        source: As for `generate_sequence`, like what follows.
        folder: Likewise.
        scene: Likewise.
        camera: Likewise.
        frames: Likewise.
        fov: Likewise.
        intrinsics: Likewise.
        engine: Likewise.
        **settings: Of `SequenceGeneration`.

    Raises:
        SceneError: There are no such pictures, or the folder holds frames made otherwise.
    """
    scene = scene or current_scene()
    check_local(scene)
    if fov == AROUND:
        raise SequenceError("A sequence is of perspective pictures: panoramas go one by one.")
    _check_lens(fov, intrinsics)
    following.ensure_registered()
    found: Iterable[int] = range(scene.frame_start, scene.frame_end + 1)
    with opened_images() as opened:
        if not isinstance(source, Source):
            image, found = picture_sequence(source)
            source = Source(image) if camera == AUTO else find_source(scene, "IMAGE", camera, image)
        if camera == AUTO:
            source, camera = automatic_source(scene, source.block, source.image_user)
        numbers = list(found if frames is None else frames)
        shot = Frames(scene, source, camera, numbers, fov=fov, intrinsics=intrinsics)
        taken = replace(taken_from(scene, source.block, camera), frame=None)
        return SequenceGeneration(
            engine or get_engine(), shot, folder, taken=taken, opened=opened, **settings
        )


def _check_lens(fov: float | None, intrinsics: Sequence[float] | None) -> None:
    """Make sure that a camera could have what a script says of it."""
    if fov is not None and not 0 < fov < 180:
        raise CameraError("A field of view lies between 0 and 180 degrees, not {fov}.", fov=fov)
    if intrinsics is None:
        return
    try:
        fx, fy, cx, cy = map(float, intrinsics)
    except (TypeError, ValueError):
        fx = fy = cx = cy = math.nan
    if not (fx > 0 and fy > 0 and all(map(math.isfinite, (fx, fy, cx, cy)))):
        raise CameraError(
            "Intrinsics are four finite numbers of pixels, fx, fy, cx and cy, the first two above "
            "zero."
        )


def generate_sequence(
    source: str | os.PathLike | Source,
    folder: str | os.PathLike,
    scene: bpy.types.Scene | None = None,
    *,
    output: str = "Mesh",
    keep_both: bool = False,
    show: Show = lambda fraction, message: None,
    **settings: Any,
) -> bpy.types.Object | None:
    """Turn the frames of a shot into depth that is steady over time, and one object that shows it.

    Args:
        source: A movie, an image of a sequence, its name with # for digits, or a `Source`.
        folder: For the files of the frames. Frames that are finished there are not made again.
        scene: That gets the object; None for the current one.
        output: `Mesh` or `Points`.
        keep_both: Whether to make another one where the scene has a live result of the same shot
            and camera, which otherwise gets the new depth and keeps all else.
        show: Called with a fraction in 0..1 and a sentence while it goes on.
        **settings: camera: camera object that took them (None makes one, "AUTO" does so where no
            camera shows them as its background; with the scene's own, the one that renders each
            frame, as markers switch it); frames: their numbers
            (None for all of the files, or the scene's range); fov or intrinsics as for `generate`;
            engine; tracks: `SolvedTracks`; window: frames on either side that steady one; chunk:
            the numbers that are made here, while other processes make the others; and the engine's
            options.

    Returns:
        The live object; None while frames of other chunks are missing.

    Raises:
        SceneError: There are no such pictures, or the folder holds frames made otherwise.
        JobError: The engine is missing, reports an error, or died.
    """
    scene = scene or current_scene()
    task = begin_sequence(source, folder, scene, **settings)
    see_through(task, show)
    return None if task.shot is None else add_sequence_object(scene, task, output, keep_both)
