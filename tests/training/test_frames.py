import numpy as np
import pytest

torch = pytest.importorskip("torch")

from types import SimpleNamespace  # noqa: E402

from training.frames import (  # noqa: E402
    draw_crops,
    draw_zoomed,
    load_sharp_frames,
    mirrored,
    smaller,
)
from training.scenes.frame import Frame, frame_path  # noqa: E402


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


@pytest.mark.parametrize(("space", "farthest"), [("linear", 2000.0), ("log", 25.0)])
def test_the_sky_stands_barely_behind_the_scene_where_depth_is_not_linear(
    tmp_path, space, farthest
):
    sky = np.zeros((6, 8), bool)
    sky[:2] = True
    depth = np.where(sky, 2000, np.linspace(1, 20, 48).reshape(6, 8)).astype(np.float32)
    path = frame_path(tmp_path / "frames", "train", 0)
    path.parent.mkdir(parents=True)
    Frame(np.zeros((6, 8, 3), np.uint8), depth, (5.0, 5.0, 4.0, 3.0), 0, sky).save(path)
    render = SimpleNamespace(train=1)
    config = SimpleNamespace(folder=str(tmp_path), depth_space=space, render=render)
    (found,) = load_sharp_frames(config)
    np.testing.assert_array_equal(found.depth[~sky], depth[~sky])
    np.testing.assert_allclose(found.depth[sky], farthest)


def test_a_smaller_frame_keeps_its_rays_and_blends_no_depth():
    tall = frame(1, 2, (256, 192))
    depth = np.where(np.arange(192) < 96, 2, 9).astype(np.float32) * np.ones((256, 1), np.float32)
    sky = depth > 5
    little = smaller(Frame(tall.rgb, depth, (200.0, 200.0, 96.0, 128.0), 7, sky), 128)
    assert little.depth.shape == (128, 96) and little.rgb.shape == (128, 96, 3)
    assert little.intrinsics == (100, 100, 48, 64) and little.seed == 7
    assert set(np.unique(little.depth)) == {2, 9} and ((little.depth > 5) == little.sky).all()
    assert little.rgb.dtype == np.uint8 and (little.rgb == 128).all()
