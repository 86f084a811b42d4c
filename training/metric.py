"""Stage `metric`: train the small metric estimator f_D.

Supervision is never near an edge, as with real sensors, so the model learns the correct scale and
stays smooth at edges. Crops and zooms, with matching intrinsics, simulate other cameras. The first
steps use half-size pictures, at a quarter of the cost.
"""

from copy import deepcopy
from pathlib import Path

import torch

from sharpdepth_blender.engine.lite_metric import LiteMetricModel
from sharpdepth_blender.engine.preview_metric import PreviewMetricModel
from sharpdepth_blender.engine.rays import camera_rays
from sharpdepth_blender.engine.weights import load_network
from sharpdepth_blender.geometry import Intrinsics

from .frames import draw_zoomed, load_frames
from .image_net import load_image_net
from .loop import (
    State,
    autocast,
    device,
    drawn_ahead,
    optimizer_step,
    run_settings,
    set_learning_rate,
    step_rng,
    update_ema,
)
from .losses import log_depth_loss, log_gradient_loss, normal_loss, shape_loss, sky_loss
from .optimizer import MatrixOptimizer
from .photographic import as_photographed
from .progress import Progress
from .validation import Validation

KEPT_STAGES = 3  # of the encoder, counted from the finest: edges and textures are learned already


def train_metric(config):
    """Train f_D and write it to <folder>/metric/model."""
    settings = config.metric
    folder = Path(config.folder)
    frames = load_frames(folder / "frames", "train", config.render.train)

    torch.manual_seed(config.seed)
    model, optimizer = _begin(config)
    ema = deepcopy(model)  # the model that is saved
    state = State(
        folder / "metric",
        run_settings(config, settings),
        model=model,
        mean=ema,
        optimizer=optimizer,
    )

    validation = Validation(config, folder / "metric", state.step, settings)
    progress = Progress("metric", state.step, settings.steps, folder / "metric" / "log.csv")
    smaller = config.processing_resolution / _resolution(config)
    vary = as_photographed if settings.photographic else None

    def draw(step):
        rng = step_rng(config.seed, step)
        shrink = smaller * (2 if step < settings.half_size_steps else 1)
        batch, away = draw_zoomed(frames, settings.batch, rng, shrink, vary=vary)
        return batch, away & torch.from_numpy(rng.random(away.shape) < settings.measured_share)

    for step, (batch, measured) in drawn_ahead(draw, range(state.step, settings.steps)):
        rate = set_learning_rate(
            optimizer, step, settings.steps, settings.learning_rate, settings.warmup
        )
        batch, measured = batch.to(device()), measured.to(device())
        with autocast():
            rays = camera_rays(batch.intrinsics, *batch.rgb.shape[2:])
            logarithm, logit = _outputs(model(batch.rgb, rays))
        losses = _losses(settings, logarithm, logit, batch, rays, measured)
        optimizer_step(sum(losses.values()), model, optimizer)
        update_ema(ema, model, settings.average, step)
        told = {name: loss.item() for name, loss in losses.items()}
        progress.show(step, **told, learning_rate=rate)
        validation.show(step + 1, lambda sample: _predict(ema, sample))
        state.save_sometimes(step + 1)
    state.save(settings.steps)
    if settings.begin:
        _keep_a_share(ema, settings)
    ema.save_pretrained(folder / "metric" / "model")


@torch.no_grad()
def _keep_a_share(model, settings):
    """Take the mean with the beginning, which is better on other pictures (WiSE-FT, 2109.01903)."""
    begun = load_network(LiteMetricModel, Path(settings.begin)).to(device())
    for weight, before in zip(model.parameters(), begun.parameters(), strict=True):
        weight.lerp_(before, settings.begin_share)


def _resolution(config):
    return config.metric.resolution or config.processing_resolution


def _begin(config):
    """Return the untrained network and its optimizer."""
    settings = config.metric
    shape = {
        "widths": tuple(settings.widths),
        "attention_blocks": settings.attention_blocks,
        "working_resolution": _resolution(config),
    }
    if not settings.pretrained:
        model = PreviewMetricModel(**shape).to(device())
        return model, MatrixOptimizer(model, [model.stem, model.head], settings.weight_decay)
    model = LiteMetricModel(**shape)
    if settings.begin:
        begun = load_network(LiteMetricModel, Path(settings.begin))
        model.load_state_dict(begun.state_dict())
    else:
        load_image_net(model.encoder)
    model.to(device())
    kept = [model.encoder.stem, *model.encoder.stages[:KEPT_STAGES]]
    for part in kept if settings.encoder_share else [model.encoder]:
        part.requires_grad_(False)
    outer = [model.enter, model.scale, model.heads]
    optimizer = MatrixOptimizer(
        model, outer, settings.weight_decay, model.encoder, settings.encoder_share
    )
    return model, optimizer


def _outputs(found):
    """Return log depth, and the logit of the sky or None."""
    return found if isinstance(found, tuple) else (found, None)


def _losses(settings, logarithm, logit, batch, rays, measured):
    """Return the weighted losses by name; the first is that of depth itself."""
    if logit is not None:
        measured = measured & ~batch.sky
    losses = {"loss": log_depth_loss(logarithm, batch.depth, measured)}
    if weight := settings.shape_weight:
        losses["shape"] = weight * shape_loss(logarithm, batch.depth, measured)
    if weight := settings.gradient_weight:
        losses["gradient"] = weight * log_gradient_loss(logarithm, batch.depth, measured)
    if weight := settings.normal_weight:
        losses["normal"] = weight * normal_loss(logarithm, batch.depth, rays.float(), measured)
    if weight := settings.sky_weight:
        losses["sky"] = weight * sky_loss(logit, logarithm, batch.depth, batch.sky)
    return losses


def _predict(model, sample):
    picture = torch.from_numpy(sample.rgb).permute(2, 0, 1)[None].float()
    height, width = picture.shape[2:]
    camera = Intrinsics(*sample.intrinsics, width, height)
    return model.predict(picture.to(device()), camera).depth[0, 0].cpu().numpy()
