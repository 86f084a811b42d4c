"""Chan: a camera's path as the text file that Nuke reads."""

import os
from typing import Final

import bpy

from ...files import atomic_write
from ..errors import SaveError
from .path import camera_path, rendered_path, turns

# The order in which Nuke turns a camera unless it is told otherwise: about z first, y last.
ORDER: Final = "ZXY"


def export_chan(
    path: str | os.PathLike[str], scene: bpy.types.Scene, camera: bpy.types.Object | None = None
) -> list[str]:
    """Write where a camera is at each of its scene's frames, for *Import chan file* in Nuke.

    A line for each frame: its number, the position (x, y, z) in meters, rotation about x, y and z
    in degrees, and the vertical field of view in degrees, between tabs. The axes are Nuke's: x
    right, y up, which is Blender's z. Rotations are Nuke's own default, in the order ZXY: about the
    camera's own z, then x, then y. The field of view is that of the rendered frame, whatever the
    sensor fit; the format has no place for a lens shift.

    Args:
        path: File to write, ending in .chan.
        scene: Of the camera; its frame range and render size count.
        camera: To be written; None for the one that renders each frame, as markers switch it.

    Returns:
        Phrases about what the file does not hold.

    Raises:
        CameraError: There is no camera, or one is no perspective one.
        SaveError: The file cannot be written.
    """
    lines: list[str] = []
    notes: list[str] = []
    poses = rendered_path(scene) if camera is None else camera_path(scene, camera)
    for pose, angles in zip(poses, turns([pose.y_up for pose in poses], ORDER), strict=True):
        numbers = *pose.y_up.translation.to_tuple(), *angles, pose.vertical_fov
        lines.append("\t".join([str(pose.frame), *(f"{number:.9g}" for number in numbers)]))
        if pose.is_shifted and not notes:
            notes.append("the lens shift, for which a .chan file has no place")
    try:
        with (
            atomic_write(path) as beside,
            open(beside, "w", encoding="ascii", newline="\n") as file,
        ):
            file.write("\n".join([*lines, ""]))
    except OSError as error:
        raise SaveError.of(path, error) from error
    return notes
