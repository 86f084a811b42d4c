"""Cycles: the engine of all renders of our own."""

from typing import Any

import bpy


def use_cycles(scene: bpy.types.Scene, samples: int) -> Any:
    """Set a scene to render with Cycles on the CPU, without denoising.

    Returns:
        The scene's Cycles settings; since Cycles is an add-on, `bpy.types` has no class for them.
    """
    scene.render.engine = "CYCLES"  # type: ignore[assignment]  # an add-on's engine
    cycles = scene.cycles  # type: ignore[attr-defined]
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_denoising = False
    return cycles
