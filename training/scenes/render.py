"""Cycles renders a scene to a `Frame`: developed picture, exact z-depth, intrinsics."""

import tempfile
from pathlib import Path

import bpy
import numpy as np

from . import camera as cameras
from .frame import FAR, Frame
from .scene import build_scene

ASPECTS = ((4, 3), (3, 4))


def render_scene(seed: int, longer_side: int, samples: int = 8) -> Frame:
    """Build the scene of `seed` and render it, landscape or portrait as the seed has it."""
    camera = build_scene(seed)
    rng = np.random.default_rng([seed, 1])
    across, down = ASPECTS[0] if rng.random() < 0.65 else ASPECTS[1]
    width, height = (longer_side * side // max(across, down) for side in (across, down))
    return render_frame(camera, width, height, samples, seed)


def render_frame(camera, width: int, height: int, samples: int, seed: int) -> Frame:
    """Render the open scene through `camera` at `width` x `height` pixels."""
    scene = bpy.context.scene
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.render.pixel_aspect_x = scene.render.pixel_aspect_y = 1.0
    scene.render.use_persistent_data = True
    scene.render.use_compositing = scene.render.use_sequencer = False
    scene.cycles.device = "CPU"
    rgb = develop(_picture(scene, samples, seed), np.random.default_rng([seed, 2]))
    depth = _depth(scene)
    depth[(depth <= 0) | (depth > FAR)] = FAR
    return Frame(rgb, depth, cameras.intrinsics(camera, width, height), seed)


def develop(linear: np.ndarray, rng) -> np.ndarray:
    """Expose and tone-map linear light (H, W, 3) as a camera does; returns uint8 sRGB.

    The exposure brings the picture's log-average to a middle grey that varies a little; the
    curve x (a x + b) / (x (c x + d) + e) with Narkowicz' constants rolls off the highlights.
    """
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    key = np.exp(np.log(luminance + 1e-3).mean())
    x = linear * rng.uniform(0.13, 0.25) / key * (1 + rng.normal(0, 0.02, 3))
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    srgb = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    return np.round(srgb * 255).astype(np.uint8)


def _picture(scene, samples, seed):
    cycles = scene.cycles
    cycles.samples, cycles.seed = samples, seed % 2**31
    cycles.use_adaptive_sampling = False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 3, 1
    cycles.sample_clamp_indirect = 4.0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 1.5
    scene.render.film_transparent = False
    bpy.context.view_layer.material_override = None
    return _render(scene)[..., :3]


def _depth(scene):
    """Return z-depth [m] at the pixel centres, 0 where nothing is hit.

    Everything shines by its z-depth, one sample is taken, and the pixel filter is a box of a
    hundredth of a pixel, so no value is a mixture of two surfaces.
    """
    cycles = scene.cycles
    cycles.samples, cycles.max_bounces, cycles.use_denoising = 1, 0, False
    cycles.pixel_filter_type, cycles.filter_width = "BOX", 0.01
    scene.render.film_transparent = True
    bpy.context.view_layer.material_override = _depth_material()
    rgba = _render(scene)
    bpy.context.view_layer.material_override = None
    return np.where(rgba[..., 3] > 0, rgba[..., 0], 0).astype(np.float32)


def _depth_material():
    material = bpy.data.materials.get("z-depth")
    if material is not None:
        return material
    material = bpy.data.materials.new("z-depth")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    data = tree.nodes.new("ShaderNodeCameraData")
    shine = tree.nodes.new("ShaderNodeEmission")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(data.outputs["View Z Depth"], shine.inputs["Strength"])
    tree.links.new(shine.outputs["Emission"], output.inputs["Surface"])
    shine.inputs["Color"].default_value = (1, 1, 1, 1)
    return material


def _render(scene) -> np.ndarray:
    """Render and return linear RGBA (H, W, 4) float32, row 0 at the top."""
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "OPEN_EXR", "RGBA", "32"
    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = str(Path(folder) / "render.exr")
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(scene.render.filepath)
        image.alpha_mode = "NONE"
        width, height = image.size
        pixels = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(pixels)
        bpy.data.images.remove(image)
    return pixels.reshape(height, width, 4)[::-1]
