"""The tools as functions, for scripts; buttons and the command line call the same.

    import sharpdepth_blender as sharpdepth

    obj = sharpdepth.generate("plate.jpg", fov=60)
    layers = sharpdepth.split_layers(obj, count=3)
    sharpdepth.export("plate.usd", [obj])

They work on the open file, in a window or without one, and wait until they are done. What a window
needs is a task that goes on beside the user's work: `begin_generate` and `begin_sequence` make one.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import bpy
import numpy as np

from .process import Engine
from .process.job import DepthResult
from .scene import CameraError, SaveError, SceneError, SolvedTracks, bake_result, only_result
from .scene.camera_at import camera_at
from .scene.export import FORMATS
from .scene.layers import merge_layer as join_layer
from .scene.layers import part_layer, reorder_layer, split_result
from .scene.layers import set_layer as change_layer
from .scene.linked import check_local
from .scene.move import MoveReport, move_frames
from .scene.move import check_move as check_frames
from .scene.projection import add_projection, shot_of_camera
from .scene.sequence import Frames, picture_sequence
from .scene.shot import Shot
from .scene.source import AUTO, Source, automatic_source, find_source, open_image
from .scene.taken import taken_from
from .tasks import results
from .tasks.generate import Generation
from .tasks.generate_sequence import SequenceGeneration, add_sequence_object
from .tasks.inputs import CameraChoice, DepthFile, Picture, PointsFile, shot_of
from .tasks.session import get_engine
from .tasks.task import Task

__all__ = [
    "DepthFile",
    "PointsFile",
    "bake",
    "begin_generate",
    "begin_sequence",
    "check_move",
    "export",
    "generate",
    "generate_sequence",
    "merge_layer",
    "move_layer",
    "project",
    "set_layer",
    "split_layer",
    "split_layers",
]

Show = Callable[[float, str], None]


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
    scene = scene or _current_scene()
    check_local(scene)
    results.ensure_registered()
    shot = shot_of(scene, picture, camera)
    if isinstance(metric_points, SolvedTracks):
        tracks = metric_points
        points, notes = tracks.points(scene.frame_current)
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
        on_finish=on_finish,
        **options,
    )


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
            shows the picture as its background); fov: degrees across the longer side;
            intrinsics: (fx, fy, cx, cy) in pixels; metric_depth: (H, W) meters with holes 0, or a
            `DepthFile`; metric_points: (N, 3) u, v in pixels and meters, a `PointsFile` or
            `SolvedTracks`; output: `Mesh` or `Points`; keep_both: whether to make another one where
            the scene has a live result of the same picture and camera, which otherwise gets the
            new depth and keeps all else; engine: `process.Engine`, None for this
            session's; and the engine's options, as of `InferRequest`: model, estimator, device,
            precision, resolution, detail, seed.

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
    _finish(task, show)
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
    scene = scene or _current_scene()
    check_local(scene)
    results.ensure_registered()
    found: Iterable[int] = range(scene.frame_start, scene.frame_end + 1)
    if not isinstance(source, Source):
        image, found = picture_sequence(source)
        source = Source(image) if camera == AUTO else find_source(scene, "IMAGE", camera, image)
    if camera == AUTO:
        source, camera = automatic_source(scene, source.block, source.image_user)
    numbers = list(found if frames is None else frames)
    shot = Frames(scene, source, camera, numbers, fov=fov, intrinsics=intrinsics)
    taken = taken_from(scene, source.block, camera)
    return SequenceGeneration(engine or get_engine(), shot, folder, taken=taken, **settings)


def generate_sequence(
    source: str | os.PathLike | Source,
    folder: str | os.PathLike,
    scene: bpy.types.Scene | None = None,
    *,
    output: str = "Mesh",
    show: Show = lambda fraction, message: None,
    **settings: Any,
) -> bpy.types.Object | None:
    """Turn the frames of a shot into depth that is steady over time, and one object that shows it.

    Args:
        source: A movie, an image of a sequence, its name with # for digits, or a `Source`.
        folder: For the files of the frames. Frames that are finished there are not made again.
        scene: That gets the object; None for the current one.
        output: `Mesh` or `Points`.
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
    scene = scene or _current_scene()
    task = begin_sequence(source, folder, scene, **settings)
    _finish(task, show)
    return None if task.shot is None else add_sequence_object(scene, task, output)


def project(
    objects: Sequence[bpy.types.Object],
    picture: str | os.PathLike | bpy.types.Image | None = None,
    scene: bpy.types.Scene | None = None,
    *,
    camera: bpy.types.Object | None = None,
    **settings: Any,
) -> bpy.types.NodeTree:
    """Project a picture from where it was taken onto meshes, on top of what they have.

    Args:
        objects: Meshes.
        picture: A file or an image; None for the background of its camera.
        scene: Of the objects; None for the current one.
        camera: Camera object that took the picture, at the scene's current frame; None for the
            scene's.
        **settings: Of `scene.projection.add_projection`: mask, facing_fade, keep_material.

    Returns:
        The projection, a shader node group.

    Raises:
        SceneError: There is no such picture or camera, or an object cannot be painted on.
    """
    scene = scene or _current_scene()
    camera = camera or camera_at(scene)
    if camera is None:
        raise CameraError("The scene {scene} has no camera.", scene=scene.name)
    images = set(bpy.data.images)
    try:
        if picture is not None and not isinstance(picture, bpy.types.Image):
            picture = open_image(picture)
        shot = shot_of_camera(scene, camera, picture)
        return project_shot(objects, shot, scene, camera, **settings)
    except SceneError:
        if isinstance(picture, bpy.types.Image) and picture not in images:
            bpy.data.images.remove(picture)
        raise


def project_shot(
    objects: Sequence[bpy.types.Object],
    shot: Shot,
    scene: bpy.types.Scene,
    camera: bpy.types.Object | None,
    **settings: Any,
) -> bpy.types.NodeTree:
    """Project a picture that has been read and whose camera is known, as `project` does."""
    check_local(scene)
    assert shot.picture is not None and shot.intrinsics is not None and shot.matrix is not None
    return add_projection(
        scene,
        objects,
        shot.picture,
        shot.intrinsics,
        shot.matrix,
        name=shot.name,
        camera=camera,
        **settings,
    )


def split_layers(
    result: bpy.types.Object | None = None,
    scene: bpy.types.Scene | None = None,
    *,
    keep_both: bool = False,
    **wishes: Any,
) -> bpy.types.Object:
    """Split a live result into layers, each continued behind those before it.

    Layers that it was split into before are cut anew, unless somebody painted on them; then there
    is another set beside them, and `scene.layers.layers_note` says so.

    Args:
        result: Live result; None for the only one of the scene. It is hidden.
        scene: Its scene; None for the current one.
        keep_both: Whether to leave such layers in any case, and add another set.
        **wishes: Of `scene.layers.propose_cut`: count, thresholds, sky, near, edge, move, kind.

    Returns:
        The empty that the layers hang on, in a collection of their own.

    Raises:
        SceneError: It is no live result, or cannot be split.
    """
    scene = scene or _current_scene()
    check_local(scene)
    return split_result(scene, result or only_result(scene, live=True), keep_both, **wishes)


def split_layer(
    layer: bpy.types.Object, at: float | Literal["VALLEY", "HALVES"] = "VALLEY"
) -> bpy.types.Object:
    """Split one layer in two; no other layer is touched.

    Args:
        layer: Its object, which keeps the nearer part.
        at: Depth in meters; `VALLEY` for the best gap between its things, or else its middle;
            `HALVES` for as many pixels on either side.

    Returns:
        The object of the farther part.

    Raises:
        SceneError: It is no layer, or does not reach across that depth.
    """
    return part_layer(layer, at)


def merge_layer(layer: bpy.types.Object) -> None:
    """Join one layer with the one behind it; no other layer is touched.

    The object of the one behind is removed, or hidden if somebody painted on it.

    Args:
        layer: Its object.

    Raises:
        SceneError: It is no layer, or there is none behind it that meets it in depth.
    """
    join_layer(layer)


def move_layer(layer: bpy.types.Object, step: int) -> None:
    """Move one layer in the order, in which each is before those that follow.

    What is moved behind something farther is pushed back along the rays of the picture's camera.

    Args:
        layer: Its object.
        step: Places toward the back; negative toward the camera.

    Raises:
        SceneError: It is no layer, or there is no such place.
    """
    reorder_layer(layer, step)


def set_layer(layer: bpy.types.Object, **settings: Any) -> None:
    """Change settings of one layer; no other layer is touched.

    Args:
        layer: Its object.
        **settings: name (None for a proposed one); kind: `RELIEF` or `CARD`; edge, choke and
            extension in pixels; hidden.

    Raises:
        SceneError: It is no layer, or a value is outside its range.
    """
    change_layer(layer, **settings)


def check_move(
    scene: bpy.types.Scene | None = None,
    *,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
    show: Show = lambda fraction, message: None,
    **settings: Any,
) -> tuple[MoveReport, np.ndarray]:
    """Find the frames of a camera move in which holes, missing paint or stretched pictures show.

    Args:
        scene: Scene with its shot camera; None for the current one.
        start: First frame; None for the scene's.
        end: Last frame; None for the scene's.
        step: Frames from one to the next.
        show: Called with a fraction in 0..1 and a sentence before each frame.
        **settings: Of `scene.move.FrameChecker`: camera, longer, stretch, folder.

    Returns:
        The report, and the (H, W, 3) uint8 picture of the worst frame.

    Raises:
        SceneError: There is no camera, or a frame cannot be rendered.
    """
    scene = scene or _current_scene()
    return check_frames(
        scene,
        move_frames(scene, start, end, step),
        show=lambda fraction, frame: show(fraction, f"Checking frame {frame}"),
        **settings,
    )


def export(
    path: str | os.PathLike,
    objects: Sequence[bpy.types.Object] | None = None,
    scene: bpy.types.Scene | None = None,
    *,
    cameras: Sequence[bpy.types.Object] | None = None,
) -> list[str]:
    """Write results, meshes and cameras to a file for other programs.

    Args:
        path: Its ending chooses the format: .exr, .ply, .usd (.usda, .usdc, .usdz), .abc, .glb or
            .chan.
        objects: What to write, any mesh, or the empty of layers for all of them; None for the only
            result of the scene.
        scene: Of the objects; None for the current one.
        cameras: Camera objects; None for those that render the scene's frames, and those that were
            made for the results.

    Returns:
        A phrase for everything that the file lacks.

    Raises:
        SceneError: No format has that ending, the format takes one result, or the file cannot be
            written.
    """
    scene = scene or _current_scene()
    path = Path(path)
    found = [each for each in FORMATS if each.operator and path.suffix.lower() in each.suffixes]
    if not found:
        raise SaveError("No format for export ends in {suffix}.", suffix=path.suffix or path.name)
    (chosen,) = found
    if objects is None:
        objects = [] if chosen.takes == "CAMERA" else [only_result(scene)]
    return chosen.export(path, scene, objects, cameras)


def bake(result: bpy.types.Object | None = None, scene: bpy.types.Scene | None = None) -> None:
    """Make a live result a plain mesh, just as it looks.

    Args:
        result: Live result; None for the only one of the scene.
        scene: Its scene; None for the current one.

    Raises:
        SceneError: It is no live result.
    """
    bake_result(result or only_result(scene or _current_scene(), live=True))


def _current_scene() -> bpy.types.Scene:
    scene = bpy.context.scene
    assert scene is not None
    return scene


def _finish(task: Task, show: Show) -> None:
    """See a task to its end, and raise what stopped it."""
    try:
        task.run(show)
    except BaseException:
        task.cancel()
        raise
    if task.fault:
        raise task.fault
