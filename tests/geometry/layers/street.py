"""A street: a ground, a wall, a ball and a post before it, and a sky that depth does not know."""

import numpy as np

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.srgb import from_linear, to_linear


def street(width, height, fine=3, move=(0.0, 0.0, 0.0)):
    """Draw it by rays.

    Args:
        width: Of the picture.
        height: Of the picture.
        fine: Rays a pixel along each side, so that edges are mixtures, as a lens makes them.
        move: How far the camera has gone right, up and forth, in meters.

    Returns:
        (picture, depth, intrinsics): (H, W, 3) float32 of whole 255ths, and meters, 0 in the sky.
    """
    focal = 0.9 * max(width, height)
    v, u = (np.indices((height * fine, width * fine)) + 0.5) / fine
    across, down = (u - width / 2) / focal, (v - height / 2) / focal
    right, up, forth = move

    def seen(distance):
        """Where an upright plane is hit, in pixels of the camera that has not moved."""
        far = distance - forth
        return (
            width / 2 + focal * (right + across * far) / distance,
            height / 2 + focal * (down * far - up) / distance,
        )

    slope = down + 0.05 * height / focal  # the ground rises a little toward the horizon
    ground = slope > 0.02 * height / focal
    z = np.where(ground, (1.5 + up + 0.05 * height / focal * forth) / np.maximum(slope, 1e-3), 0)
    far = np.maximum(z + forth, 1e-3)
    checks = (np.floor(6 * np.log(far)) + np.floor(right + across * z)) % 2
    sky = np.stack([0.35 + 0.2 * v / height, 0.6 + 0 * v, 0.9 + 0 * v], -1)
    color = np.where(ground[..., None], np.array([0.3, 0.4, 0.2]) + 0.2 * checks[..., None], sky)

    def put(distance, where, paint):
        nonlocal z, color
        depth = distance - forth
        where = where(*seen(distance)) & ((z == 0) | (z > depth))
        z, color = np.where(where, depth, z), np.where(where[..., None], paint, color)

    put(
        12.0,
        lambda x, y: (np.abs(x - 0.55 * width) < 0.4 * width) & (y > 0.3 * height),
        [0.7, 0.5, 0.35],
    )
    put(
        3.0,
        lambda x, y: (x - 0.35 * width) ** 2 + (y - 0.5 * height) ** 2 < (0.2 * height) ** 2,
        [0.9, 0.2, 0.1],
    )
    put(2.0, lambda x, y: np.abs(x - 0.7 * width) < 0.012 * width, [0.95, 0.9, 0.2])
    linear = to_linear(color).reshape(height, fine, width, fine, 3).mean((1, 3))
    middle = slice(fine // 2, None, fine)
    picture = np.round(255 * from_linear(linear)) / 255
    camera = Intrinsics(focal, focal, width / 2, height / 2, width, height)
    return picture.astype(np.float32), z[middle, middle].astype(np.float32), camera


def inside(layer, camera):
    """What a layer has of the picture itself, with 8 bits a channel."""
    left = round(layer.intrinsics.cx - camera.cx)
    top = round(layer.intrinsics.cy - camera.cy)
    rgba = layer.rgba[top : top + camera.height, left : left + camera.width]
    return np.round(rgba * 255) / 255


def laid_over(layers, camera):
    """The layers over each other in linear light, (picture, what is left open)."""
    light, clear = np.zeros((camera.height, camera.width, 3)), 1.0
    for layer in reversed(layers):
        rgba = inside(layer, camera)
        alpha = rgba[..., 3:]
        light = alpha * to_linear(rgba[..., :3]) + (1 - alpha) * light
        clear = clear * (1 - alpha)
    return from_linear(light), clear
