"""Inputs: the picture that a scene's settings mean, its camera, and what was measured."""

import math

import bpy
import numpy as np

from ..scene import DepthFileError, SolvedTracks, clip_behind, read_metric_depth
from ..scene.plates import active_image
from ..scene.shot import Shot, mirrored, shot_alone, shot_through
from ..scene.source import Source, find_source


def read_shot(context: bpy.types.Context) -> Shot:
    """Read the picture that the settings of the context's scene ask for, at its current frame.

    Args:
        context: Says which image is active, where none is named.

    Raises:
        SourceError: There is no such picture, or it cannot be read.
        CameraError: There is no such camera or background, or the camera is no perspective one.
    """
    scene = context.scene
    settings = scene.sharpdepth
    source, camera = read_source(context)
    plate = source.read(scene)
    if camera:
        return shot_through(scene, camera, plate, source.background).noting(source.notes)
    shot = shot_alone(plate)
    return shot.with_fov(math.degrees(settings.fov)) if settings.camera == "FOV" else shot


def read_depth_map(settings, shot: Shot) -> np.ndarray | None:
    """Read the metric depth that settings name for a picture.

    Args:
        settings: SHARPDEPTH_PG_settings.
        shot: The picture, as its camera shows it; the file is of the picture as its own file has
            it, without distortion.

    Returns:
        (H, W) float32 meters of the shot's size, holes 0; None where it is to be estimated.

    Raises:
        DepthFileError: No file is named, or it cannot be read.
    """
    if not settings.has_map:
        return None
    if not settings.depth_file:
        raise DepthFileError("Choose the file of the depth map.")
    height, width = shot.rgb.shape[:2]
    depth = read_metric_depth(
        bpy.path.abspath(settings.depth_file),
        width,
        height,
        channel=settings.depth_channel or None,
        unit=settings.depth_unit or None,
    )
    return mirrored(depth, shot.flip)


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
    camera = scene.camera if settings.camera == "SCENE" else None
    image = image_user = None
    if settings.source == "IMAGE":
        image, image_user = (settings.image, None) if settings.image else active_image(context)
    return find_source(scene, settings.source, camera, image, image_user), camera
