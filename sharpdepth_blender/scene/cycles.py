"""Cycles: the renderer for everything that is rendered behind the scenes."""

from typing import Any

import bpy


def use_cycles(scene: bpy.types.Scene, samples: int) -> Any:
    """Have a scene rendered by Cycles on the CPU, without denoising.

    Returns:
        Its settings of Cycles. No class of `bpy.types` describes them: Cycles is an add-on.
    """
    scene.render.engine = "CYCLES"  # type: ignore[assignment]  # an add-on's engine
    cycles = scene.cycles  # type: ignore[attr-defined]
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_denoising = False
    return cycles
