"""Check for a GPU, without which EEVEE crashes a Blender that runs in the background."""

import subprocess
import sys

import bpy


def has_graphics_card() -> bool:
    """Whether a background Blender can render on a GPU, found out by trying in another process.

    A Blender with a window always has one.
    """
    if not bpy.app.background:
        return True
    from ..subprocesses import blender_command  # not at the top: this file also runs as a script

    ended = subprocess.run([*blender_command(None), __file__], capture_output=True)
    return ended.returncode == 0


def _try():
    """Exit with code 0 if drawing uses hardware."""
    import gpu

    render = bpy.context.scene.render
    render.engine, render.resolution_x, render.resolution_y = "BLENDER_WORKBENCH", 4, 4
    bpy.ops.render.render()  # initializes the GPU
    sys.exit(gpu.platform.device_type_get() == "SOFTWARE")


if __name__ == "__main__":
    _try()
