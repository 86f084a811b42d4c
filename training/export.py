"""Puts a sharpener and what belongs to it together into a model folder that the engine loads."""

import json
from pathlib import Path

from sharpdepth_blender.engine.pipeline import SharpDepthPipeline
from sharpdepth_blender.engine.preview_metric import PreviewMetricModel

from .networks import Networks


def export_model(networks: Networks, student, resolution: int, into: Path):
    """Write sharpener, autoencoder, schedule and prompt as half-precision safetensors.

    An f_D of our own is written with them. Released ones have licenses and folders of their own,
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
    for path in into.glob("*/config.json"):
        _forget_origin(path)


def _forget_origin(path):
    """Take out of a config the folder that its network came from, which is nobody's business."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config.pop("_name_or_path", None)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
