import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training.frames import draw_crops  # noqa: E402
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
