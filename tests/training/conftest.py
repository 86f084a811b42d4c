from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from training.config import load_config
from training.scenes.frame import Frame, frame_path
from training.scenes.splits import SEEDS_OF_SPLIT, seeds

CONFIG = Path(__file__).parents[2] / "training" / "configs" / "preview.toml"

# Every stage of the real config, scaled down to seconds on one core.
SMALL = [
    "processing_resolution=128",
    *(f"render.{split}=6" for split in SEEDS_OF_SPLIT),
    "vae.widths=[8, 16, 16]", "vae.batch=4", "vae.crop=32", "vae.steps=4",
    "metric.widths=[8, 16, 16, 32]", "metric.batch=4", "metric.steps=4", "metric.half_size_steps=2",
    "metric.validate_every=2",
    "diffusion.widths=[32, 32, 32, 32]", "diffusion.batch=2", "diffusion.steps=4",
    "diffusion.color_variants=1",
    "distill.accumulation=2", "distill.steps=4", "distill.validate_every=3",
]  # fmt: skip


def box_before_wall(seed: int, height: int, width: int) -> Frame:
    """A gray box some meters away before a wall, with its exact depth."""
    rng = np.random.default_rng(seed)
    near, far = rng.uniform(1, 3), rng.uniform(4, 9)
    y, x = np.mgrid[:height, :width]
    left, top = rng.uniform(0.1, 0.4, 2) * (width, height)
    box = (x > left) & (x < left + width * 0.4) & (y > top) & (y < top + height * 0.5)
    depth = np.where(box, near, far + y / height).astype(np.float32)
    rgb = np.clip(255 / depth[..., None] + rng.normal(0, 4, (height, width, 3)), 0, 255)
    return Frame(
        rgb.astype(np.uint8), depth, (width * 0.8, width * 0.8, width / 2, height / 2), seed
    )


@pytest.fixture
def small_config(tmp_path):
    """The small config over a folder of made-up frames, landscape and portrait."""
    settings = [*SMALL, f"folder={tmp_path}"]
    config = load_config(CONFIG, settings)
    for split in SEEDS_OF_SPLIT:
        for index, seed in enumerate(seeds(split, getattr(config.render, split))):
            size = (96, 128) if index % 3 else (128, 96)
            path = frame_path(tmp_path / "frames", split, seed)
            path.parent.mkdir(parents=True, exist_ok=True)
            box_before_wall(seed, *size).save(path)
    return SimpleNamespace(config=config, config_path=CONFIG, settings=settings, folder=tmp_path)


@pytest.fixture(name="box_before_wall")
def box_before_wall_fixture():
    """Return the function that makes such a frame."""
    return box_before_wall
