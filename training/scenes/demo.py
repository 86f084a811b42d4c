"""The scene of `make demo`, held out from training, rendered at any size."""

import json
from pathlib import Path

import bpy
import numpy as np

from .frame import Frame
from .render import render_frame
from .scene import build_scene

DEMO_SEED = 2_000_023  # a sunlit room with a plant, of the validation split


def render_demo(path: Path, width: int = 768, height: int = 576, samples: int = 16) -> Frame:
    """Render the demo scene to `path` (.png), with its camera in a .json beside it.

    Args:
        path: Output picture, 8-bit sRGB.
        width: Pixels.
        height: Pixels.
        samples: Cycles samples per pixel, before denoising.

    Returns:
        The frame with its exact depth.
    """
    path = Path(path)
    frame = render_frame(build_scene(DEMO_SEED), width, height, samples, DEMO_SEED)
    _write_png(path, frame.rgb)
    camera = dict(zip(("fx", "fy", "cx", "cy"), frame.intrinsics, strict=True))
    camera |= {"width": width, "height": height, "scene": DEMO_SEED}
    path.with_suffix(".json").write_text(json.dumps(camera, indent=1))
    return frame


def _write_png(path, rgb):
    """Write (H, W, 3) uint8 sRGB; an 8-bit Blender image keeps the values unchanged."""
    height, width = rgb.shape[:2]
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = rgb[::-1] / np.float32(255)
    image = bpy.data.images.new("demo", width, height)
    image.pixels.foreach_set(pixels.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
