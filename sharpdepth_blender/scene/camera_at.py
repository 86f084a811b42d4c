"""Camera at a frame: the one that renders it, which markers on the timeline may switch."""

from collections.abc import Iterable

import bpy


def camera_at(scene: bpy.types.Scene, frame: int | None = None) -> bpy.types.Object | None:
    """The camera that renders a frame of a scene.

    It is that of the last marker with a camera that renders, before the first one the first one's,
    as Blender counts; without such markers the scene's own. Blender itself looks for it when the
    frame changes or is rendered, so that until then the scene's own may be another one.

    Args:
        scene: With its markers.
        frame: None for the current one.

    Returns:
        An object of any type, None where the scene has no camera.
    """
    bound = [
        marker
        for marker in scene.timeline_markers
        if marker.camera is not None and not marker.camera.hide_render
    ]
    if not bound:
        return scene.camera
    frame = scene.frame_current if frame is None else frame
    # Frames may be stretched, and markers are not.
    time = int(frame * scene.render.frame_map_old / scene.render.frame_map_new)
    before = [marker for marker in bound if marker.frame <= time]
    # Of several at one frame it is the first in the list.
    chosen = max(before, key=_frame) if before else min(bound, key=_frame)
    return chosen.camera


def camera_cuts(
    scene: bpy.types.Scene, frames: Iterable[int]
) -> list[tuple[int, bpy.types.Object | None]]:
    """Which cameras render frames: each frame from which on it is another, the first one included.

    Args:
        scene: With its markers.
        frames: Ascending.

    Returns:
        (frame, camera) in order.
    """
    cuts: list[tuple[int, bpy.types.Object | None]] = []
    for frame in frames:
        camera = camera_at(scene, frame)
        if not cuts or camera != cuts[-1][1]:
            cuts.append((frame, camera))
    return cuts


def _frame(marker: bpy.types.TimelineMarker) -> int:
    return marker.frame
