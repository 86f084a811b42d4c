"""What is invented behind a plant shows neither the plant nor the wall beside it, mirrored."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.fill import fill_texture
from sharpdepth_blender.geometry.layers import Cut, split_layers
from sharpdepth_blender.geometry.layers.fill_job import fill_job

WIDTH, HEIGHT = 150, 90
CAMERA = Intrinsics(140, 140, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)
PLANT = (slice(12, 78), slice(60, 90))  # stands before the wall, a curtain of leaves
# A window of what is invented there, and the wall that it might mirror.
INNER, BESIDE = (slice(20, 70), slice(63, 74)), (slice(12, 78), slice(28, 58))


def blobs(seed, size, shape=(HEIGHT, WIDTH)):
    """Random shapes of a size in pixels, of mean 0 and deviation 1."""
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None])
    noise = np.fft.fft2(np.random.default_rng(seed).normal(size=shape))
    found = np.fft.ifft2(noise * np.exp(-((frequency * size) ** 2))).real
    return found / found.std()


def before_a_wall():
    """(picture, depth): leaves before wallpaper of large irregular spots."""
    wall = 0.55 + 0.08 * blobs(1, 9)[..., None] * (1.0, 0.8, 0.5)
    leaves = np.array([0.15, 0.4, 0.1]) + 0.1 * blobs(2, 6)[..., None] * (0.5, 1.0, 0.4)
    picture, depth = wall.copy(), np.full((HEIGHT, WIDTH), 4.0, np.float32)
    picture[PLANT], depth[PLANT] = leaves[PLANT], 2.0
    return picture.clip(0, 1).astype(np.float32), depth


def likeness(found, where):
    """The peak of the normalized cross-correlation of gray patches, over all shifts of one."""
    patch = found - found.mean()
    windows = np.lib.stride_tricks.sliding_window_view(where, found.shape)
    centered = windows - windows.mean((-2, -1), keepdims=True)
    power = np.sqrt((centered**2).sum((-2, -1)) * (patch**2).sum())
    return float(((centered * patch).sum((-2, -1)) / np.maximum(power, 1e-12)).max())


def fine(values):
    """What remains of a picture without its smooth shading, gray."""
    gray = values.mean(-1)
    spectrum = np.fft.fft2(gray - gray.mean())
    frequency = np.hypot(
        np.fft.fftfreq(gray.shape[0])[:, None], np.fft.fftfreq(gray.shape[1])[None]
    )
    return np.fft.ifft2(spectrum * (frequency > 1 / 40)).real


def behind(fill):
    """The wall as its layer shows it, with all of the plant's place invented."""
    picture, depth = before_a_wall()
    layers = split_layers(picture, depth, CAMERA, Cut.at((3.0,), move=0.25))
    job = fill_job(layers, 1, is_linear=False)
    frame = layers[1].intrinsics
    top, left = round(frame.cy - CAMERA.cy), round(frame.cx - CAMERA.cx)
    here = slice(top, top + HEIGHT), slice(left, left + WIDTH)
    shown = layers[1].rgba[here][..., :3]
    assert layers[1].invented[here][PLANT][4:-4, 4:-4].all()
    if fill == "TEXTURE":
        made = fill_texture(job.values, job.known, job.hole, job.source, job.usable)
        made = np.moveaxis(job.encoding.decode(made), 0, -1)[here]
        shown = np.where(layers[1].invented[here][..., None], made, shown)
    return picture, shown


@pytest.mark.parametrize(("fill", "most"), [("SMOOTH", 0.5), ("TEXTURE", 0.7)])
def test_nothing_is_repeated(fill, most):
    """Compared with windows of the wall beside it and of the plant, as they are and mirrored."""
    picture, shown = behind(fill)
    filled = fine(shown)[INNER]
    for there in (fine(shown)[BESIDE], fine(picture)[PLANT]):
        for way in (1, -1):
            assert likeness(filled, there[:, ::way]) < most


def test_a_mirror_image_would_be_found():
    """As layers were once continued."""
    _, shown = behind("SMOOTH")
    mirrored = shown.copy()
    mirrored[:, 60:90] = np.concatenate([shown[:, 59:44:-1], shown[:, 104:89:-1]], 1)
    shown = fine(mirrored)
    assert likeness(shown[INNER], shown[BESIDE][:, ::-1]) > 0.95
