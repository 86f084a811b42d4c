"""Stage `metric`: train the small metric estimator f_D.

Supervision is sparse and never near an edge, as with real sensors, so the model learns the correct
scale and stays smooth at edges. Crops and zooms, with matching intrinsics, simulate other cameras.
The first steps use half-size pictures, at a quarter of the cost.
"""

from copy import deepcopy
from pathlib import Path

import torch

from sharpdepth_blender.engine.preview_metric import PreviewMetricModel, camera_rays
from sharpdepth_blender.geometry import Intrinsics

from .frames import draw_zoomed, load_frames
from .loop import (
    State,
    autocast,
    device,
    optimizer_step,
    run_settings,
    set_learning_rate,
    step_rng,
    update_ema,
)
from .losses import log_depth_loss
from .optimizer import MatrixOptimizer
from .progress import Progress
from .validation import Validation


def train_metric(config):
    """Train f_D and write it to <folder>/metric/model."""
    settings = config.metric
    folder = Path(config.folder)
    frames = load_frames(folder / "frames", "train", config.render.train)

    torch.manual_seed(config.seed)
    model = PreviewMetricModel(
        widths=tuple(settings.widths),
        attention_blocks=settings.attention_blocks,
        working_resolution=config.processing_resolution,
    ).to(device())
    ema = deepcopy(model)  # the model that is saved
    optimizer = MatrixOptimizer(model, [model.stem, model.head], settings.weight_decay)
    state = State(
        folder / "metric",
        run_settings(config, settings),
        model=model,
        mean=ema,
        optimizer=optimizer,
    )

    validation = Validation(config, folder / "metric", state.step, settings)
    progress = Progress("metric", state.step, settings.steps, folder / "metric" / "log.csv")
    for step in range(state.step, settings.steps):
        rate = set_learning_rate(
            optimizer, step, settings.steps, settings.learning_rate, settings.warmup
        )
        rng = step_rng(config.seed, step)
        shrink = 2 if step < settings.half_size_steps else 1
        batch, away = draw_zoomed(frames, settings.batch, rng, shrink)
        batch, away = batch.to(device()), away.to(device())
        sparse = torch.from_numpy(rng.random(away.shape) < settings.measured_share).to(device())
        with autocast():
            rays = camera_rays(batch.intrinsics, *batch.rgb.shape[2:])
            logarithm = model(batch.rgb, rays)
        loss = log_depth_loss(logarithm, batch.depth, away & sparse)
        optimizer_step(loss, model, optimizer)
        update_ema(ema, model, settings.average, step)
        progress.show(step, loss=loss.item(), learning_rate=rate)
        validation.show(step + 1, lambda sample: _predict(ema, sample))
        state.save_sometimes(step + 1)
    state.save(settings.steps)
    ema.save_pretrained(folder / "metric" / "model")


def _predict(model, sample):
    picture = torch.from_numpy(sample.rgb).permute(2, 0, 1)[None].float()
    height, width = picture.shape[2:]
    camera = Intrinsics(*sample.intrinsics, width, height)
    return model.predict(picture.to(device()), camera).depth[0, 0].cpu().numpy()
