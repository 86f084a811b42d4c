"""Is there a graphics card for EEVEE? Without one, a Blender in the background is ended by it."""

import subprocess
import sys

import bpy


def has_graphics_card() -> bool:
    """Tell whether a Blender in the background can render by a graphics card, by trying in another.

    A Blender in a window runs on one.
    """
    if not bpy.app.background:
        return True
    from ..subprocesses import blender_command  # here, for the other Blender runs this as a script

    ended = subprocess.run([*blender_command(None), __file__], capture_output=True)
    return ended.returncode == 0


def _try():
    """End with exit code 0 if what draws is hardware."""
    import gpu

    render = bpy.context.scene.render
    render.engine, render.resolution_x, render.resolution_y = "BLENDER_WORKBENCH", 4, 4
    bpy.ops.render.render()  # which starts the graphics
    sys.exit(gpu.platform.device_type_get() == "SOFTWARE")


if __name__ == "__main__":
    _try()
