"""Puts the trained parts together into a model folder that the engine loads."""

from pathlib import Path

from diffusers import AutoencoderKL

from sharpdepth_blender.engine.pipeline import SharpDepthPipeline
from sharpdepth_blender.engine.preview_metric import PreviewMetricModel

from .diffusion import empty_prompt, noise_schedule
from .loop import load_model


def export_model(config, student, into: Path):
    """Write sharpener, autoencoder, schedule, prompt and f_D as half-precision safetensors."""
    folder = Path(config.folder)
    pipeline = SharpDepthPipeline(
        vae=load_model(AutoencoderKL, folder / "vae" / "model").half(),
        unet=student.half(),
        scheduler=noise_schedule(),
        empty_prompt=empty_prompt(config.seed),
        processing_resolution=config.processing_resolution,
    )
    pipeline.save_pretrained(into)
    metric = load_model(PreviewMetricModel, folder / "metric" / "model")
    metric.half().save_pretrained(into / "metric")
