"""Puts a sharpener and what belongs to it together into a model folder that the engine loads."""

from pathlib import Path

from sharpdepth_blender.engine.pipeline import SharpDepthPipeline
from sharpdepth_blender.engine.preview_metric import PreviewMetricModel

from .networks import Networks


def export_model(networks: Networks, student, resolution: int, into: Path):
    """Write sharpener, autoencoder, schedule and prompt as half-precision safetensors.

    An f_D of our own is written with them. Released ones have licences and folders of their own,
    and are named when the model is used. The networks are in half precision afterwards.
    """
    trained = networks.pipeline
    pipeline = SharpDepthPipeline(
        vae=trained.vae.half(),
        unet=student.half(),
        scheduler=trained.scheduler,
        empty_prompt=trained.empty_prompt,
        processing_resolution=resolution,
    )
    pipeline.save_pretrained(into)
    if isinstance(networks.estimator, PreviewMetricModel):
        networks.estimator.half().save_pretrained(into / "metric")
