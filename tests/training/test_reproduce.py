"""`reproduce` from an empty folder, scaled down: scenes, five trainings, tables and the report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("bpy")

RUN = Path(__file__).parents[2] / "training" / "run.py"
SMALL = [
    "processing_resolution=128", "render.samples=1",
    "render.train=4", "render.distill=2", "render.validation=0", "render.test=2",
    "vae.widths=[8, 16, 16]", "vae.batch=2", "vae.crop=32", "vae.steps=2",
    "metric.widths=[8, 16, 16, 32]", "metric.batch=2", "metric.steps=2", "metric.half_size_steps=1",
    "diffusion.widths=[32, 32, 32, 32]", "diffusion.batch=2", "diffusion.steps=2",
    "diffusion.color_variants=1", "distill.accumulation=1", "distill.steps=2",
]  # fmt: skip


@pytest.mark.skipif("SHARPDEPTH_ENGINE" not in os.environ, reason="no engine environment is named")
def test_one_command_makes_the_model_and_its_report(tmp_path):
    folder = tmp_path / "run"
    flags = [part for setting in [*SMALL, f"folder={folder}"] for part in ("--set", setting)]
    ended = subprocess.run(
        [sys.executable, RUN, "reproduce", *flags], capture_output=True, text=True, timeout=280
    )
    assert ended.returncode == 0, ended.stderr
    assert (folder / "model" / "unet" / "diffusion_pytorch_model.safetensors").is_file()
    assert (folder / "model" / "metric" / "config.json").is_file()
    evaluation = json.loads((folder / "results" / "test" / "evaluation.json").read_text())
    assert evaluation["frames"] == 2 and evaluation["table"]["sharpener"]["abs_rel"]["mean"] > 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "sharpener" in page and "</html>" in page
