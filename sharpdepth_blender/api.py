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
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import bpy
import numpy as np

from .geometry.layers import FILLS, Proposal
from .process import Engine
from .process.job import DepthResult
from .scene import CameraError, SaveError, SceneError, SolvedTracks, bake_result, only_result
from .scene.camera_at import camera_at
from .scene.export import format_of
from .scene.layers import (
    NUMBER,
    HandOver,
    LayerMask,
    LayersError,
    clean_files,
    clean_plate,
    is_layer,
    is_layers,
    keep_reasons,
    layer_objects,
    layer_pixels,
    layers_cut,
    mask_of,
    part_layer,
    proposed_kinds,
    read_plate,
    reorder_layer,
    set_mask,
    split_result,
    with_kinds,
)
from .scene.layers import hand_over as write_layer
from .scene.layers import merge_layer as join_layer
from .scene.layers import new_clean_plate as make_clean_plate
from .scene.layers import set_layer as change_layer
from .scene.layers import take_back as take_answer
from .scene.linked import check_local
from .scene.move import MoveReport, move_frames
from .scene.move import check_move as check_frames
from .scene.projection import add_projection, shot_of_camera
from .scene.sequence import Frames, picture_sequence
from .scene.shot import Shot
from .scene.source import AUTO, Source, automatic_source, find_source, open_image
from .scene.taken import taken_from
from .tasks import following, layer_update
from .tasks.fill_layers import ModelChoice, begin_fill
from .tasks.generate import Generation
from .tasks.generate_sequence import SequenceGeneration, add_sequence_object
from .tasks.hand_over import HandedOver
from .tasks.inputs import CameraChoice, DepthFile, Picture, PointsFile, shot_of
from .tasks.session import get_engine
from .tasks.task import Task

__all__ = [
    "DepthFile",
    "LayerMask",
    "PointsFile",
    "bake",
    "begin_generate",
    "begin_sequence",
    "check_move",
    "export",
    "fill_layers",
    "generate",
    "generate_sequence",
    "hand_over",
    "layer_pixels",
    "merge_layer",
    "move_layer",
    "new_clean_plate",
    "project",
    "propose_kinds",
    "save_clean_plate",
    "set_layer",
    "set_layer_mask",
    "split_layer",
    "split_layers",
    "take_back",
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
    following.ensure_registered()
    shot = shot_of(scene, picture, camera, at_once=False)
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
    following.ensure_registered()
    found: Iterable[int] = range(scene.frame_start, scene.frame_end + 1)
    if not isinstance(source, Source):
        image, found = picture_sequence(source)
        source = Source(image) if camera == AUTO else find_source(scene, "IMAGE", camera, image)
    if camera == AUTO:
        source, camera = automatic_source(scene, source.block, source.image_user)
    numbers = list(found if frames is None else frames)
    shot = Frames(scene, source, camera, numbers, fov=fov, intrinsics=intrinsics)
    taken = replace(taken_from(scene, source.block, camera), frame=None)
    return SequenceGeneration(engine or get_engine(), shot, folder, taken=taken, **settings)


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
    scene = scene or _current_scene()
    task = begin_sequence(source, folder, scene, **settings)
    _finish(task, show)
    return None if task.shot is None else add_sequence_object(scene, task, output, keep_both)


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
        **wishes: Of `scene.layers.propose_cut`: count, thresholds, sky, near, edge, move, kind; the
            kind `PROPOSED` gives each layer the shape that suits it.

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

    The object of the one behind is removed; a clean plate of it stays in the file.

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
        **settings: name (None for a proposed one); kind, one of `geometry.layers.KINDS`; edge,
            choke and extension in pixels; hidden.

    Raises:
        SceneError: It is no layer, or a value is outside its range.
    """
    change_layer(layer, **settings)


def propose_kinds(rig: bpy.types.Object) -> list[Proposal]:
    """Give each layer of a set the shape that suits it.

    Args:
        rig: The empty that the layers hang on.

    Returns:
        For each layer, the sky's last, its `id`, its `kind` and the `reason`.

    Raises:
        SceneError: The picture or the depth is gone, or the layers cannot be changed.
    """
    check_local(rig)
    plate, cut = read_plate(rig), layers_cut(rig)
    proposals = proposed_kinds(rig, plate, cut)
    layer_update.update_layers(rig, with_kinds(cut, proposals))
    keep_reasons(rig, proposals)
    return proposals


def fill_layers(
    layers: Sequence[bpy.types.Object] | None = None,
    scene: bpy.types.Scene | None = None,
    *,
    kind: str = "TEXTURE",
    model: str | os.PathLike | None = None,
    engine: Engine | None = None,
    show: Show = lambda fraction, message: None,
    **settings: Any,
) -> list[str]:
    """Choose what layers show where the picture does not show them, and make it.

    Args:
        layers: Objects of layers, or empties for all of theirs; None for all of the scene.
        scene: Of the layers; None for the current one.
        kind: `SMOOTH`: their colors, carried on with their grain; `TEXTURE`: patches of them and of
            what is behind them; `MODEL`: what an inpainting model makes of it.
        model: Folder of that model, in the format of diffusers.
        engine: `process.Engine`, None for this session's; smooth needs none.
        show: Called with a fraction in 0..1 and a sentence while it goes on.
        **settings: Of `tasks.fill_layers.ModelChoice`: prompt, steps, seed, device, precision.

    Returns:
        A sentence for everything that was not done as one would expect.

    Raises:
        SceneError: There are no layers, or a picture of theirs is gone.
        JobError: The engine is missing, reports an error, or died.
        ValueError: There is no such kind, or a model is missing or not asked for.
    """
    scene = scene or _current_scene()
    check_fill(kind, model)
    choice = ModelChoice(os.path.abspath(model), **settings) if model is not None else None
    notes: list[str] = []
    for rig, numbers in chosen_layers(layers, scene).items():
        check_local(rig)
        task = begin_fill(rig, kind, engine or get_engine(), numbers, choice)
        if task is not None:
            _finish(task, show)
            notes += [note for note in task.notes if note not in notes]
    return notes


def hand_over(
    layer: bpy.types.Object,
    folder: str | os.PathLike,
    *,
    words: str = "",
    command: Sequence[str] = (),
    show: Show = lambda fraction, message: None,
) -> HandOver:
    """Give a layer with its mask to another tool, and with a command take its answer back.

    Args:
        layer: One of `split_layers`.
        folder: For a picture, a mask and a note.
        words: What is wanted, for the note; empty for a general sentence.
        command: Program and arguments, run without a shell, in which `{picture}`, `{mask}`,
            `{note}` and `{answer}` become the paths of the files; it writes the answer. Empty to
            leave the files to the user, and `take_back` to take the answer.
        show: Called with a fraction in 0..1 and a sentence while it goes on.

    Returns:
        Paths of the files: picture, mask, note, and answer, where that is expected.

    Raises:
        SceneError: It is no layer, a file cannot be written, or the command fails or its answer
            does not fit.
    """
    if not command:
        return write_layer(layer, folder, words)
    check_local(layer)
    task = HandedOver(layer, os.fspath(folder), command, words)
    _finish(task, show)
    return task.files


def take_back(layer: bpy.types.Object, answer: str | os.PathLike) -> None:
    """Take the answer to what `hand_over` wrote onto a layer's clean plate, as if painted.

    Args:
        layer: The same layer.
        answer: Picture of the size of the one that was handed over; of it the pixels are taken that
            the mask asked for.

    Raises:
        SceneError: It is no layer, or the answer cannot be read or has another size.
    """
    following.ensure_registered()
    take_answer(layer, answer)


def check_fill(kind: str, model: str | os.PathLike | None) -> None:
    """Raise a ValueError where `fill_layers` cannot be asked for this."""
    if kind not in FILLS:
        raise ValueError(f"A fill is one of {', '.join(FILLS)}, not {kind}.")
    if (model is not None) != (kind == "MODEL"):
        raise ValueError("A fill by a model needs its folder, and another one has none.")


def chosen_layers(
    layers: Sequence[bpy.types.Object] | None, scene: bpy.types.Scene
) -> dict[bpy.types.Object, list[int]]:
    """The ids of layers that are meant, by their empties; arguments as of `fill_layers`."""
    chosen: dict[bpy.types.Object, list[int]] = {}
    for obj in scene.objects if layers is None else layers:
        rig = obj if is_layers(obj) else obj.parent
        if not is_layers(rig) or (obj != rig and NUMBER not in obj.keys()):
            if layers is None:
                continue
            raise LayersError("{obj} is no layer.", obj=obj.name)
        own = [each[NUMBER] for each in layer_objects(rig)] if obj == rig else [obj[NUMBER]]
        found = chosen.setdefault(rig, [])
        found += [number for number in own if number not in found]
    if not chosen:
        raise LayersError("The scene {scene} has no layers.", scene=scene.name)
    return chosen


def new_clean_plate(layer: bpy.types.Object, **settings: Any) -> bpy.types.Image:
    """Give a layer an image to paint on, over its picture, that no cut touches.

    Args:
        layer: One of `split_layers`; a clean plate that it has stays.
        **settings: Of `scene.layers.new_clean_plate`: folder, existing.

    Returns:
        The image, transparent, in the layer's frame, float; what is painted on it counts by its
        alpha.

    Raises:
        SceneError: It is no layer, is linked, or a file of that name is there and to be refused.
    """
    following.ensure_registered()
    return make_clean_plate(layer, **settings)


def save_clean_plate(layer: bpy.types.Object, existing: clean_files.Existing = "BESIDE") -> str:
    """Write a layer's clean plate to its file, or pack it where the .blend has not been saved.

    Args:
        layer: One of `split_layers`.
        existing: Where another program has changed the file: `BESIDE` writes another one, which is
            the plate's from then on, `OVERWRITE` writes over it, `REFUSE` raises an error.

    Returns:
        Path of the file, empty where it is packed.

    Raises:
        SceneError: There is no clean plate, it cannot be written, or the file was changed.
    """
    plate = clean_plate(layer)
    if plate is None:
        raise SceneError("{obj} has no clean plate.", obj=layer.name)
    check_local(plate)
    if existing == "BESIDE" and clean_files.is_changed_outside(plate):
        return clean_files.save_beside(plate)
    clean_files.save_plate(plate, overwrite=existing == "OVERWRITE")
    return clean_files.plate_path(plate)


def set_layer_mask(layer: bpy.types.Object, mask: LayerMask | None) -> None:
    """Tell by hand which pixels belong to a layer, whatever their depth, and cut it so.

    Args:
        layer: One of `split_layers`.
        mask: `LayerMask("PAINTED", image)`, `LayerMask("DRAWN", mask)` or
            `LayerMask("FILE", path=..., names=...)`, names of a cryptomatte; `adds=True` leaves
            what it does not claim to depth. None leaves all to depth again.

    Raises:
        SceneError: It is no layer, the mask is gone, or has other proportions than the picture.
    """
    rig = layer.parent
    if rig is None or not is_layer(layer):
        raise SceneError("{obj} is no layer of a picture.", obj=layer.name)
    number = layer[NUMBER]
    before = mask_of(rig, number)
    set_mask(rig, number, mask)
    layer_update.follow_masks(rig)
    if why := layer_update.error(rig):
        set_mask(rig, number, before)
        raise SceneError("{why}", why=why)


def check_move(
    scene: bpy.types.Scene | None = None,
    *,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
    show: Show = lambda fraction, message: None,
    **settings: Any,
) -> tuple[MoveReport, np.ndarray]:
    """Find the frames of a camera move that show holes, no paint, or invented or stretched pixels.

    Args:
        scene: Scene with its shot camera; None for the current one.
        start: First frame; None for the scene's.
        end: Last frame; None for the scene's.
        step: Frames from one to the next.
        show: Called with a fraction in 0..1 and a sentence before each frame.
        **settings: Of `scene.move.FrameChecker`: camera, longer, stretch, full_size, folder.

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
    faces: int | None = None,
) -> list[str]:
    """Write results, meshes and cameras to a file for other programs.

    Args:
        path: Its ending chooses the format: .exr, .ply, .splat.ply, .usd (.usda, .usdc, .usdz),
            .abc, .glb or .chan. Without one it is a folder, a package for compositing.
        objects: What to write, any mesh, or the empty of layers for all of them; None for the only
            result of the scene.
        scene: Of the objects; None for the current one.
        cameras: Camera objects; None for those that render the scene's frames, and those that were
            made for the results.
        faces: Triangles for each surface of a result or layer at most, in formats of meshes; a
            phrase tells how far they are off. None for what the format has by itself.

    Returns:
        A phrase for everything that the file lacks.

    Raises:
        SceneError: No format has that ending, the format takes one result, or the file cannot be
            written.
    """
    scene = scene or _current_scene()
    path = Path(path)
    chosen = format_of(path)
    if chosen is None:
        raise SaveError("No format for export ends in {suffix}.", suffix=path.suffix)
    if objects is None:
        objects = [] if chosen.takes == "CAMERA" else [only_result(scene)]
    return chosen.export(path, scene, objects, cameras, faces)


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
