"""Render a scene with Cycles to a `Frame`: tone-mapped picture, exact z-depth, intrinsics."""

import bpy
import numpy as np

from sharpdepth_blender.scene import camera_intrinsics

from . import passes
from .frame import FAR, Frame
from .scene import build_scene

ASPECTS = ((4, 3), (3, 4))


def render_scene(
    seed: int, longer_side: int, samples: int = 8, farthest: float = FAR, build=build_scene
) -> Frame:
    """Build and render the scene for `seed`, which also picks landscape or portrait.

    Args:
        seed: The same seed gives the same frame.
        longer_side: Pixels.
        samples: Cycles samples per pixel, before denoising.
        farthest: Depth of the sky and of everything beyond, meters.
        build: Function that replaces the scene by that of a seed and returns its camera.
    """
    camera = build(seed)
    rng = np.random.default_rng([seed, 1])
    across, down = ASPECTS[0] if rng.random() < 0.65 else ASPECTS[1]
    width, height = (longer_side * side // max(across, down) for side in (across, down))
    return render_frame(camera, width, height, samples, seed, farthest)


def render_frame(
    camera, width: int, height: int, samples: int, seed: int, farthest: float = FAR
) -> Frame:
    """Render the open scene through `camera` at `width` x `height` pixels."""
    set_up(camera, width, height, samples, seed)
    scene = bpy.context.scene
    rgb = develop(passes.linear_light(scene), np.random.default_rng([seed, 2]))
    depth, sky = passes.z_depth(scene, farthest)
    return Frame(rgb, depth, lens(camera), seed, sky)


def set_up(camera, width: int, height: int, samples: int, seed: int) -> None:
    """Prepare the open scene for a picture of `width` x `height` pixels through `camera`."""
    scene = bpy.context.scene
    scene.camera = camera
    passes.set_frame(scene, width, height)
    _set_up(scene, samples, seed)


def lens(camera) -> tuple[float, float, float, float]:
    """Return fx, fy, cx, cy of a camera of the open scene, in pixels."""
    return tuple(camera_intrinsics(bpy.context.scene, camera))


def develop(linear: np.ndarray, rng, like: np.ndarray | None = None) -> np.ndarray:
    """Expose and tone-map linear light (H, W, 3) like a camera; returns uint8 sRGB.

    Exposure maps the log-average of the picture, or of another that it is exposed like, to a
    slightly random middle gray; the curve x (a x + b) / (x (c x + d) + e) with Narkowicz' constants
    rolls off the highlights.
    """
    luminance = (linear if like is None else like) @ np.array([0.2126, 0.7152, 0.0722])
    key = np.exp(np.log(luminance + 1e-3).mean())
    x = linear * rng.uniform(0.13, 0.25) / key * (1 + rng.normal(0, 0.02, 3))
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    srgb = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    return np.round(srgb * 255).astype(np.uint8)


def _set_up(scene, samples, seed):
    """Configure Cycles for a low sample count with denoising."""
    scene.render.engine = "CYCLES"
    scene.render.use_persistent_data = True
    scene.render.film_transparent = False
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples, cycles.seed = samples, seed % 2**31
    cycles.use_adaptive_sampling = False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 3, 1
    cycles.sample_clamp_indirect = 4.0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 1.5
