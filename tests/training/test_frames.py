import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training.frames import draw_crops, draw_zoomed, mirrored  # noqa: E402
from training.scenes.frame import Frame  # noqa: E402


def frame(nearest, farthest, shape=(40, 56)):
    depth = np.linspace(nearest, farthest, shape[0] * shape[1], dtype=np.float32).reshape(shape)
    return Frame(np.full((*shape, 3), 128, np.uint8), depth, (50.0, 50.0, 28.0, 20.0), 0)


def test_crops_know_the_range_of_the_frame_that_they_are_of():
    frames = [frame(1, 2), frame(10, 30, (56, 40))]
    batch, nearest, farthest = draw_crops(frames, 32, 16, np.random.default_rng(0))
    assert batch.rgb.shape == (32, 3, 16, 16) and batch.depth.shape == (32, 1, 16, 16)
    assert nearest.shape == farthest.shape == (32, 1, 1, 1)
    ends = set(zip(nearest.flatten().tolist(), farthest.flatten().tolist(), strict=True))
    assert ends == {(1.0, 2.0), (10.0, 30.0)}
    assert ((batch.depth >= nearest) & (batch.depth <= farthest)).all()


def test_the_sky_goes_with_its_picture():
    """Through crops, resizing and mirroring: it is where the picture is white."""
    rng = np.random.default_rng(0)
    sky = np.zeros((96, 128), bool)
    sky[:40, :70] = True
    rgb = np.where(sky[..., None], 255, 0).repeat(3, axis=2).astype(np.uint8)
    depth = np.where(sky, 500, 3).astype(np.float32)
    frames = [Frame(rgb, depth, (100.0, 100.0, 64.0, 48.0), 0, sky)]
    batch, _ = draw_zoomed(frames, 8, rng, 1.5, vary=lambda rgb, rng: rgb)
    assert batch.sky.shape == batch.depth.shape == (8, 1, 64, 96)
    assert ((batch.depth > 100) == batch.sky).all()
    white = batch.rgb.mean(1, keepdim=True)
    inside = (white < 0.02) | (white > 0.98)
    assert ((white > 0.5) == batch.sky)[inside].all() and inside.float().mean() > 0.9
    assert torch.equal(mirrored(batch).sky, batch.sky.flip(3))


def test_frames_that_tell_nothing_have_no_sky():
    batch, _, _ = draw_crops([frame(1, 2)], 4, 16, np.random.default_rng(0))
    assert not batch.sky.any()
