"""Every torch stage, scaled down, one after the other; and interrupted ones that go on."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from sharpdepth_blender.engine import SharpDepth  # noqa: E402
from training import loop, progress, run  # noqa: E402
from training.config import load_config  # noqa: E402
from training.networks import trained_pipeline  # noqa: E402
from training.scenes.frame import Frame, frame_path  # noqa: E402

TORCH_STAGES = run.STAGES[1:]


def command(stage, small):
    settings = [part for setting in small.settings for part in ("--set", setting)]
    return run.main([stage, *settings])


def weights(folder):
    return load_file(folder / "diffusion_pytorch_model.safetensors")


def test_every_stage_runs_and_the_engine_loads_the_result(small_config):
    for stage in TORCH_STAGES:
        assert command(stage, small_config) == 0, stage
    folder = small_config.folder
    engine = SharpDepth.load(folder / "model", device="cpu")
    assert engine.processing_resolution == 128
    frame = Frame.load(frame_path(folder / "frames", "test", 3_000_000))
    result = engine.infer(frame.rgb, intrinsics=frame.intrinsics)
    assert result.depth.shape == frame.depth.shape
    assert np.isfinite(result.depth).all() and (result.depth > 0).all()

    results = folder / "results" / "test"
    report = json.loads((results / "evaluation.json").read_text())
    assert (report["frames"], report["scenes"]) == (6, 6)
    for row in report["table"].values():
        assert 0 <= row["delta1"]["low"] <= row["delta1"]["mean"] <= row["delta1"]["high"] <= 1
    sharpeners = ["sharpener", *(f"sharpener, {name}" for name in small_config.config.variants)]
    assert list(report["table"]) == [
        "f_D", "f_G aligned to f_D", *sharpeners, *(f"{name}, local fit" for name in sharpeners),
        "f_G aligned to the truth", "autoencoder on the truth",
    ]  # fmt: skip
    pictures = (results / "pictures.csv").read_text().splitlines()
    assert len(pictures) == 1 + 6 * len(report["table"])
    with np.load(next((results / "shown").glob("*.npz"))) as shown:
        assert list(shown["methods"]) == list(report["table"])
        assert shown["depth_2"].shape == shown["truth"].shape == shown["rgb"].shape[:2]
    assert (folder / "model" / "empty_prompt.safetensors").is_file()
    for path in (folder / "model").rglob("*.json"):
        assert str(folder) not in path.read_text()
    stored = weights(folder / "model" / "unet")
    assert all(tensor.dtype == torch.float16 for tensor in stored.values())
    trained = weights(folder / "diffusion" / "model")
    assert any(not torch.equal(stored[k].float(), trained[k]) for k in stored)  # it did learn


def test_another_depth_space_goes_from_the_frames_into_the_model(small_config):
    path = small_config.folder / "config.toml"
    text = small_config.config_path.read_text()
    first = "photographic = true\nsmall_steps = 2\nsmall_resolution = 64\n"
    text = text.replace("[diffusion]\n", "[diffusion]\n" + first)
    path.write_text('depth_space = "log"\n' + text)
    frame_of = frame_path(small_config.folder / "frames", "train", 0)
    frame = Frame.load(frame_of)
    sky = np.zeros(frame.depth.shape, bool)
    sky[:30] = True
    depth = np.where(sky, np.float32(2000), frame.depth)
    Frame(frame.rgb, depth, frame.intrinsics, 0, sky).save(frame_of)
    settings = [part for setting in small_config.settings for part in ("--set", setting)]
    for stage in ("vae", "diffusion"):
        assert run.main([stage, "--config", str(path), *settings]) == 0, stage
    kept = {each.name for each in (small_config.folder / "diffusion").glob("*.safetensors")}
    assert kept == {"latents-64.safetensors", "latents-128.safetensors"}
    trained_pipeline(load_config(path, small_config.settings)).save_pretrained(
        small_config.folder / "f_G"
    )
    scheduler = small_config.folder / "f_G" / "scheduler" / "scheduler_config.json"
    assert json.loads(scheduler.read_text())["depth_space"] == "log"
    engine = SharpDepth.load(small_config.folder / "f_G", device="cpu")
    result = engine.infer(frame.rgb, frame.intrinsics, np.where(sky, 30, frame.depth))
    assert np.isfinite(result.depth).all() and (result.depth > 0).all()


def test_f_g_is_trained_further_from_a_unet(small_config, capsys):
    assert command("vae", small_config) == 0
    assert command("diffusion", small_config) == 0
    folder = small_config.folder / "diffusion"
    first = (folder / "model").rename(small_config.folder / "first")
    (folder / "state.pt").unlink()
    path = small_config.folder / "config.toml"
    text = small_config.config_path.read_text()
    path.write_text(text.replace("[diffusion]\n", f'[diffusion]\nbegin = "{first}"\n'))

    def further(*settings):
        settings = [*small_config.settings, "diffusion.learning_rate=1e-9", *settings]
        settings = [part for each in settings for part in ("--set", each)]
        return run.main(["diffusion", "--config", str(path), *settings])

    assert further() == 0
    for name, weight in weights(folder / "model").items():
        assert torch.allclose(weight, weights(first)[name], atol=1e-6), name
    (folder / "state.pt").unlink()
    assert further("diffusion.widths=[32, 32, 32, 64]") == 1
    assert "diffusion.begin has widths" in capsys.readouterr().err
    first.rename(small_config.folder / "elsewhere")
    assert further() == 1
    assert f"there is no folder {first}" in capsys.readouterr().err


class Stop(Exception):
    """Stands for the power failure."""


@pytest.mark.parametrize("stage", ["vae", "metric", "diffusion", "distill"])
def test_an_interrupted_stage_ends_with_the_same_weights(stage, small_config, monkeypatch):
    torch.set_num_threads(1)  # sums in one order, so that equal means equal
    folder = small_config.folder
    for before in TORCH_STAGES[: TORCH_STAGES.index(stage)]:
        assert command(before, small_config) == 0
    parts = ["unet", "vae", "metric"] if stage == "distill" else ["."]
    result = folder / "model" if stage == "distill" else folder / stage / "model"
    assert command(stage, small_config) == 0
    whole = [weights(result / part) for part in parts]
    (folder / stage / "state.pt").unlink()

    show = progress.Progress.show

    def fail_at_the_second_step(self, step, **losses):
        show(self, step, **losses)
        if self.name == stage and step == 2:
            raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(loop, "SAVE_SECONDS", 0)
        patch.setattr(loop, "SAVING_SHARE", float("inf"))
        patch.setattr(progress.Progress, "show", fail_at_the_second_step)
        with pytest.raises(Stop):
            command(stage, small_config)
    assert torch.load(folder / stage / "state.pt")["step"] == 2
    assert command(stage, small_config) == 0
    for part, expected in zip(parts, whole, strict=True):
        again = weights(result / part)
        assert all(torch.equal(again[name], expected[name]) for name in expected)


def test_missing_frames_are_named(small_config, capfd):
    frame_path(small_config.folder / "frames", "train", 2).unlink()
    assert command("metric", small_config) == 1
    assert "1 of 6 train frames are missing" in capfd.readouterr().err
