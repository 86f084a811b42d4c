"""The networks that distillation starts from: f_G with its autoencoder, and f_D."""

from dataclasses import dataclass
from pathlib import Path

from diffusers import AutoencoderKL, UNet2DConditionModel

from sharpdepth_blender.engine.estimators import load_estimator
from sharpdepth_blender.engine.metric import MetricEstimator
from sharpdepth_blender.engine.models import find_weights
from sharpdepth_blender.engine.pipeline import SharpDepthPipeline

from .diffusion import empty_prompt, noise_schedule
from .full_size import random_estimator, random_pipeline
from .loop import check_stage, device, load_model


@dataclass(frozen=True)
class Networks:
    """Starting point of distillation, in float32 on the CPU.

    Attributes:
        pipeline: f_G with its U-Net, autoencoder, noise schedule and prompt.
        estimator: f_D.
    """

    pipeline: SharpDepthPipeline
    estimator: MetricEstimator


def load_networks(config) -> Networks:
    """Load the networks named by `config.distill.start`.

    "stages": the networks trained by earlier stages. "weights": a Lotus-G and a metric model, given
    as folder or preset in `lotus` and `metric`. "random": full-size networks with random weights,
    to check shapes, memory and speed without a download.

    Raises:
        EngineError: weights are missing or damaged.
    """
    settings = config.distill
    if settings.start == "stages":
        return Networks(trained_pipeline(config), trained_estimator(config))
    if settings.start == "weights":
        return Networks(
            trainable_pipeline(find_weights(settings.lotus)),
            load_estimator(settings.metric),
        )
    return Networks(random_pipeline(), random_estimator())


def trainable_pipeline(folder) -> SharpDepthPipeline:
    """Load a folder with the networks of diffusers, which have adapters and checkpoints."""
    return SharpDepthPipeline.from_pretrained(
        folder, networks=(AutoencoderKL, UNet2DConditionModel)
    )


def trained_pipeline(config) -> SharpDepthPipeline:
    """Load the networks trained by the stages `vae` and `diffusion`."""
    folder = Path(config.folder)
    return SharpDepthPipeline(
        load_model(AutoencoderKL, folder / "vae" / "model"),
        load_model(UNet2DConditionModel, folder / "diffusion" / "model"),
        noise_schedule(config.depth_space),
        empty_prompt(config.seed),
        config.processing_resolution,
    )


def trained_estimator(config) -> MetricEstimator:
    """Load the estimator trained by the stage `metric`."""
    folder = Path(config.folder) / "metric" / "model"
    check_stage(folder)
    return load_estimator(folder).to(device())
