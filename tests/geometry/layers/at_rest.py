"""What layers show to the picture's own camera, by where their surfaces are."""

import numpy as np

from sharpdepth_blender.geometry.srgb import from_linear, to_linear
from tests.geometry.layers.street import inside


def seen_at_rest(layers, camera, diagonal):
    """The layers over each other in linear light, the nearest of each pixel's surfaces first.

    Args:
        layers: Of `split_layers`, in any order.
        camera: Intrinsics of the picture.
        diagonal: 0 or 1, along which of them quads are two triangles, as a renderer chooses.

    Returns:
        (H, W, 3) sRGB, black where nothing is.
    """
    disparity = np.stack([disparity_of(layer, camera, diagonal) for layer in layers])
    rgba = np.stack([inside(layer, camera) for layer in layers])
    rgba[..., 3] *= disparity > 0
    order = np.argsort(-disparity, axis=0, kind="stable")[..., None]
    light, clear = np.zeros((camera.height, camera.width, 3)), 1.0
    for each in np.take_along_axis(rgba, order, 0):
        light += clear * each[..., 3:] * to_linear(each[..., :3])
        clear = clear * (1 - each[..., 3:])
    return from_linear(light)


def disparity_of(layer, camera, diagonal):
    """(H, W) 1/z of a layer's surface in the middle of each pixel, 0 where there is none."""
    if layer.depth is None:
        return np.full((camera.height, camera.width), 1 / layer.distance)
    (row, down), (column, right) = (
        _between(count, size, border, length)
        for count, size, border, length in zip(
            layer.depth.shape,
            layer.rgba.shape,
            (layer.intrinsics.cy - camera.cy, layer.intrinsics.cx - camera.cx),
            (camera.height, camera.width),
            strict=False,
        )
    )
    there = layer.depth > 0
    samples = np.where(there, 1 / np.where(there, layer.depth, 1), np.nan)
    a, b, c, d = (
        samples[np.ix_(row + below, column + beside)] for below in (0, 1) for beside in (0, 1)
    )
    down = down[:, None]
    if diagonal:
        upper = a + (b - a) * right + (c - a) * down
        lower = d + (c - d) * (1 - right) + (b - d) * (1 - down)
        found = np.where(right + down <= 1, upper, lower)
    else:
        upper = a + (b - a) * right + (d - b) * down
        lower = a + (c - a) * down + (d - c) * right
        found = np.where(right >= down, upper, lower)
    return np.nan_to_num(found)


def _between(count, size, border, length):
    """Samples before the pixels along a side, and how far these are on the way to the next."""
    step = size // count
    at = (np.arange(length) + border - (step - 1) / 2) / step
    first = np.clip(np.floor(at).astype(int), 0, count - 2)
    return first, np.clip(at - first, 0, 1)
