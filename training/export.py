"""Export of a trained sharpener as a model folder that the engine can load."""

import json
from pathlib import Path

from sharpdepth_blender.engine.lite_metric import LiteMetricModel
from sharpdepth_blender.engine.pipeline import SharpDepthPipeline
from sharpdepth_blender.engine.preview_metric import PreviewMetricModel

from .networks import Networks


def export_model(networks: Networks, student, resolution: int, into: Path):
    """Write sharpener, autoencoder, noise schedule and prompt as half-precision safetensors.

    The preview f_D is included. Released metric models have licenses and folders of their own and
    are chosen when the model is used. Converts the networks to half precision in place.
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
    if isinstance(networks.estimator, LiteMetricModel | PreviewMetricModel):
        networks.estimator.half().save_pretrained(into / "metric")
    for path in into.glob("*/config.json"):
        _forget_origin(path)


def _forget_origin(path):
    """Remove the local path of the source network from a config."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config.pop("_name_or_path", None)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
