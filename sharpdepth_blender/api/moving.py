"""Moving: what a camera move shows."""

from typing import Any

import bpy
import numpy as np

from ..scene.move import MoveReport, move_frames
from ..scene.move import check_move as check_frames
from .script import Show, current_scene


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
        **settings: Of `scene.move.FrameChecker`: camera, longer, stretch, resolution, folder.

    Returns:
        The report, and the (H, W, 3) uint8 picture of the worst frame.

    Raises:
        SceneError: There is no camera, or a frame cannot be rendered.
    """
    scene = scene or current_scene()
    return check_frames(
        scene,
        move_frames(scene, start, end, step),
        show=lambda fraction, frame: show(fraction, f"Checking frame {frame}"),
        **settings,
    )
