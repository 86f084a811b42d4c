"""A camera move in a scene of our own: what its frames truly show."""

from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Matrix

from sharpdepth_blender.geometry.srgb import from_linear, to_linear

from . import passes
from .camera import FARTHEST
from .demo import DEMO_SEED
from .frame import Frame
from .render import develop, lens, set_up
from .scene import build_scene

ROOM_SEED = DEMO_SEED
STREET_SEED = 2_000_030  # a street with a wall and bollards, of the validation split
# Of depth, within which a surface counts as the same.
_SAME = 0.01


def render_dolly(
    seed: int,
    offsets: Sequence[tuple[float, float, float]],
    width: int = 768,
    height: int = 576,
    samples: int = 16,
) -> list[Frame]:
    """Render a scene from its camera and from others that went aside, all exposed alike.

    Args:
        seed: Of the scene.
        offsets: How far each camera went to the right, up and back, in meters; the first one's
            picture decides the exposure.
        width: Pixels.
        height: Pixels.
        samples: Cycles samples per pixel, before denoising.

    Returns:
        A frame for each of them, with its exact depth up to all that is rendered.
    """
    camera = build_scene(seed)
    bpy.context.view_layer.update()
    scene, start = bpy.context.scene, camera.matrix_world.copy()
    first, frames = None, []
    for offset in offsets:
        camera.matrix_world = start @ Matrix.Translation(offset)
        set_up(camera, width, height, samples, seed)
        light = passes.linear_light(scene)
        first = light if first is None else first
        rgb = develop(light, np.random.default_rng([seed, 2]), first)
        depth, sky = passes.z_depth(scene, FARTHEST)
        frames.append(Frame(rgb, depth, lens(camera), seed, sky))
    return frames


def find_revealed(frame: Frame, offset: tuple[float, float, float], plate: Frame) -> np.ndarray:
    """Where a frame shows what its plate does not; (H, W) bool.

    Args:
        frame: Of a camera that went aside.
        offset: As of `render_dolly`.
        plate: The frame of a camera that did not.
    """
    column, row, z = _places(frame, offset, plate)
    column, row = np.floor(column).astype(int), np.floor(row).astype(int)
    height, width = plate.depth.shape
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    seen = np.zeros(z.shape)
    # A pixel's edge may lie on another surface than its middle.
    wide = _farthest_about(plate.depth)
    seen[inside] = wide[row[inside], column[inside]]
    return ~inside | (seen < z * (1 - _SAME))


def show_plate(frame: Frame, offset: tuple[float, float, float], plate: Frame) -> np.ndarray:
    """A frame made of its plate by exact depth, (H, W, 3) uint8, and of itself where revealed.

    Pixels of the plate are mixed linearly in linear light. So this is what layers can show, at
    most, of a plate that has no more pixels; arguments as of `find_revealed`.
    """
    column, row, _ = _places(frame, offset, plate)
    height, width = plate.depth.shape
    column, row = np.clip(column - 0.5, 0, width - 1), np.clip(row - 0.5, 0, height - 1)
    left, top = np.minimum(column.astype(int), width - 2), np.minimum(row.astype(int), height - 2)
    right, down = (column - left)[..., None], (row - top)[..., None]
    light = to_linear(plate.rgb / 255)
    upper = light[top, left] * (1 - right) + light[top, left + 1] * right
    lower = light[top + 1, left] * (1 - right) + light[top + 1, left + 1] * right
    shown = np.round(255 * from_linear(upper * (1 - down) + lower * down)).astype(np.uint8)
    revealed = find_revealed(frame, offset, plate)
    return np.where(revealed[..., None], frame.rgb, shown)


def _places(frame, offset, plate):
    """Where each pixel's point lies in the plate, (column, row), and its depth there."""
    fx, fy, cx, cy = frame.intrinsics
    height, width = frame.depth.shape
    z = frame.depth.astype(np.float64)
    v, u = np.mgrid[:height, :width] + 0.5
    x, y = (u - cx) / fx * z + offset[0], (v - cy) / fy * z - offset[1]
    sky = frame.sky if frame.sky is not None else np.zeros(z.shape, bool)
    x, y = np.where(sky, x - offset[0], x), np.where(sky, y + offset[1], y)
    z = np.where(sky, z, z - offset[2])
    fx, fy, cx, cy = plate.intrinsics
    return x / z * fx + cx, y / z * fy + cy, z


def _farthest_about(depth):
    padded = np.pad(depth, 1, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    return windows.max((2, 3))
