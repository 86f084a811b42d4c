"""Inputs: the picture that a script or a scene's settings mean, and what was measured of it."""

import os
from dataclasses import replace
from typing import Any, Literal

import bpy
from bpy.app.translations import pgettext_iface, pgettext_rpt

from ..scene import (
    DepthFileError,
    SceneError,
    SolvedTracks,
    clip_behind,
)
from ..scene.camera import is_panoramic_camera
from ..scene.camera_at import camera_at
from ..scene.camera_track import is_still
from ..scene.live import find_modifier
from ..scene.plates import UnreadableFile, active_image
from ..scene.result import is_untouched
from ..scene.result_marks import is_panoramic
from ..scene.shot import Shot, read_shot, unread_shot
from ..scene.source import AUTO, Source, automatic_source, find_source, open_image
from ..scene.taken import CAMERA, Taken, seen_at, taken_from
from ..scene.target_result import results_taken
from .measured_files import DepthFile
from .prefs import get_preferences
from .previews import is_preview

Picture = str | os.PathLike | bpy.types.Image | bpy.types.MovieClip | Source
CameraChoice = bpy.types.Object | Literal["AUTO"] | None


def shot_of(
    scene: bpy.types.Scene,
    picture: Picture,
    camera: CameraChoice,
    at_once: bool = True,
    again: bool = False,
) -> Shot:
    """Read a picture as its camera sees it, at the scene's current frame.

    Args:
        scene: Scene of the camera.
        picture: A file, an image, a movie clip, or a source that `find_source` found.
        camera: Camera object that took it, which has it as its background or else shows all of it
            in the middle of its frame; None where the camera is still to be made; `AUTO` for the
            one that shows it as its background, or else a new one.
        at_once: Whether to wait for all pixels; else the shot of a large image is still to be
            filled by its `display`.
        again: Whether the camera of a still picture that has a result is looked at as at the frame
            where that was made, from where it may have moved since.

    Raises:
        SourceError: There is no such picture, or it cannot be read.
        CameraError: The camera is no perspective one, or scales the picture to nothing.
    """
    if camera == AUTO:
        picture, camera = with_camera(scene, picture)
    if isinstance(picture, Source):
        return _read(scene, picture, camera, at_once, again)
    if isinstance(picture, bpy.types.MovieClip):
        if camera:
            return read_shot(scene, find_source(scene, "MOVIE_CLIP", camera), camera)
        return read_shot(scene, Source(picture), None)
    if isinstance(picture, bpy.types.Image):
        source = find_source(scene, "IMAGE", camera, picture)
        return _read(scene, source, camera, at_once, again)
    try:
        return shot_of(scene, open_image(picture), camera, at_once, again)
    except UnreadableFile as error:
        if camera:
            raise
        return unread_shot(error.path)


def _read(scene, source, camera, at_once, again):
    frame = None
    if again and camera:
        frame = frame_to_stay_at(scene, taken_from(scene, source.block, camera), camera)
    shot = read_shot(scene, source, camera, at_once, frame)
    return shot if frame is None else shot.noting([staying_note(camera, frame)])


def frame_to_stay_at(
    scene: bpy.types.Scene, taken: Taken, camera: bpy.types.Object, around: bool = False
) -> int | None:
    """The frame at which the result was made that gets a still picture's new depth.

    Args:
        scene: Where it is.
        taken: The picture and its camera.
        camera: The camera.
        around: Whether the picture is a panorama.

    Returns:
        None where there is no such result, its camera stands and sees now as it did, or nobody
        knows when that was; and of moving pictures, of which each is another one.
    """
    if taken.frame is not None:
        return None
    found = (
        obj
        for obj in results_taken(scene, taken)
        if is_panoramic(obj) == around and not is_preview(obj) and is_untouched(obj)
    )
    standing = next(found, None)
    frame = None if standing is None else seen_at(standing)
    if frame is None or frame == scene.frame_current or is_still(scene, camera, frame):
        return None
    return frame


def staying_note(camera: bpy.types.Object, frame: int) -> str:
    """A sentence about a result that stays where its moving camera was at another frame."""
    return pgettext_rpt(
        "The camera {camera} moves: the result stays where the camera is at frame {frame}, at "
        "which it was made. For one at this frame turn on Keep Both."
    ).format(camera=camera.name, frame=frame)


def with_camera(
    scene: bpy.types.Scene, picture: Picture
) -> tuple[Picture, bpy.types.Object | None]:
    """A picture as the camera shows it that has it as its background, and that camera.

    Args:
        scene: Where the cameras are.
        picture: As of `shot_of`.

    Returns:
        (picture, camera object); None for a camera that is still to be made.
    """
    user = None
    if isinstance(picture, Source):
        picture, user = picture.block, picture.image_user
    elif isinstance(picture, str | os.PathLike):
        try:
            picture = open_image(picture)
        except UnreadableFile:
            return picture, None
    return automatic_source(scene, picture, user)


def shot_of_settings(context: bpy.types.Context) -> Shot:
    """Read the picture that the settings of the context's scene ask for, at its current frame.

    Args:
        context: Says which image is active, where none is named.

    Raises:
        SourceError: There is no such picture, or it cannot be read.
        CameraError: There is no such camera or background, or the camera is no perspective one.
    """
    source, camera = read_source(context)
    return shot_of(context.scene, source, camera)


def depth_file(settings) -> DepthFile | None:
    """The metric depth that SHARPDEPTH_PG_settings name; None where it is to be estimated.

    Raises:
        DepthFileError: No file is named.
    """
    if not settings.has_map:
        return None
    if not settings.depth_file:
        raise DepthFileError("Choose the file of the depth map.")
    path = bpy.path.abspath(settings.depth_file)
    return DepthFile(
        path,
        settings.depth_channel or None,
        settings.depth_unit or None,
        settings.depth_is_ray,
    )


def engine_options(settings) -> dict[str, Any]:
    """What SHARPDEPTH_PG_settings and the preferences ask of the engine, as of `InferRequest`."""
    return {
        "model": settings.model,
        "estimator": settings.chosen_estimator,
        "device": get_preferences().device,
        "detail": settings.detail.lower(),
        "resolution": settings.resolution or None,
        "seed": settings.seed,
        "precision": settings.precision.lower(),
    }


def find_tracks(scene: bpy.types.Scene) -> SolvedTracks | None:
    """Find the solved tracks that a scene's settings ask for; None where they ask for none.

    Raises:
        TracksError: There is no movie clip, or it was not solved.
    """
    settings = scene.sharpdepth
    if not settings.has_tracks:
        return None
    return SolvedTracks(scene, clip_behind(scene), undistorted=settings.source == "MOVIE_CLIP")


def read_source(context: bpy.types.Context) -> tuple[Source, bpy.types.Object | None]:
    """Find the pictures that the settings of the context's scene ask for, and their camera.

    Args:
        context: Says which image is active, where none is named.

    Returns:
        (source, camera object); None for a camera that is still to be made.

    Raises:
        SourceError: There is no such picture.
        CameraError: There is no such camera or background.
    """
    scene = context.scene
    settings = scene.sharpdepth
    image = image_user = None
    if settings.source == "IMAGE":
        image, image_user = (settings.image, None) if settings.image else active_image(context)
        if settings.camera == AUTO and image is not None:
            return automatic_source(scene, image, image_user)
    # The other sources are what the scene's camera shows.
    camera = camera_at(scene) if settings.camera in ("SCENE", AUTO) else None
    return find_source(scene, settings.source, camera, image, image_user), camera


def standing_result(context: bpy.types.Context) -> bpy.types.Object | None:
    """The live result of the settings' picture and camera, which would get new depth.

    None where there is none. Whether somebody edited it is not looked at: a panel has no time.
    """
    try:
        source, camera = read_source(context)
    except SceneError:
        return None
    found = results_taken(context.scene, taken_from(context.scene, source.block, camera))
    return next((obj for obj in found if find_modifier(obj)), None)


def standing_sequence(context: bpy.types.Context) -> bpy.types.Object | None:
    """The live result of the settings' shot and camera, which would show the new frames."""
    try:
        source, camera = read_source(context)
    except SceneError:
        return None
    taken = replace(taken_from(context.scene, source.block, camera), frame=None)
    found = results_taken(context.scene, taken, following=True)
    return found[0] if found else None


def camera_of_settings(context: bpy.types.Context) -> tuple[bpy.types.Object | None, str]:
    """Which camera the next result will be seen by, for the panel.

    Args:
        context: Says which image is active, where none is named.

    Returns:
        (camera object, sentence): None for a camera that will be made; no sentence where there is
        nothing to say.
    """
    scene = context.scene
    settings = scene.sharpdepth
    choice = settings.camera
    try:
        source, camera = read_source(context)
    except SceneError:
        # What is automatic for an image depends on the image, which is still to be chosen.
        scenes = choice == "SCENE" or (choice == AUTO and settings.source != "IMAGE")
        return (camera_at(scene) if scenes else None), ""
    if camera is not None:
        if choice != AUTO or settings.source != "IMAGE":
            return camera, ""
        return camera, pgettext_iface("The picture is a background of this camera.")
    taken = taken_from(scene, source.block, None)
    made = next((obj[CAMERA] for obj in results_taken(scene, taken) if obj[CAMERA]), None)
    if made is not None and not settings.keep_both:
        if is_panoramic_camera(made):
            return made, pgettext_iface("This camera was made for the panorama.")
        return made, pgettext_iface("This camera was made for the picture, and gets its lens anew.")
    if choice == "SCENE":
        sentence = "This scene has no camera: a new one is made."
    elif choice == AUTO:
        sentence = "No camera shows this picture as its background: a new one is made."
    else:
        return None, ""
    return None, pgettext_iface(sentence)
