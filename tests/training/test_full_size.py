"""A distillation of networks of the paper's size, dry: its shapes, and what it takes."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")
torch = pytest.importorskip("torch")
pytest.importorskip("peft")

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_one_step_with_adapters_and_random_weights(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (192, 256, 3), dtype=np.uint8)
    (tmp_path / "pictures").mkdir()
    Image.fromarray(picture).save(tmp_path / "pictures" / "a.png")
    settings = [
        "distill.start=random", "distill.lora_rank=8", "distill.steps=1", "distill.accumulation=1",
        "processing_resolution=256", f"folder={tmp_path}",
        f"distill.pictures={tmp_path / 'pictures'}",
    ]  # fmt: skip
    flags = [part for setting in settings for part in ("--set", setting)]
    ended = subprocess.run(
        [sys.executable, ROOT / "training" / "run.py", "distill",
         "--config", ROOT / "training" / "configs" / "paper.toml", *flags],
        capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert float(re.search(r"distill: ([0-9.]+) GiB", ended.stdout)[1]) > 3
    stored = tmp_path / "model" / "unet" / "diffusion_pytorch_model.safetensors"
    assert stored.stat().st_size == pytest.approx(2 * 866e6, rel=0.01)  # half precision
    assert "lora" not in stored.read_bytes()[:1_000_000].decode("latin-1")
