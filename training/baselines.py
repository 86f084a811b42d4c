"""Methods that `evaluate` compares: metric model, aligned baseline, sharpener and variants."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from sharpdepth_blender.engine.lotus import LotusPipeline
from sharpdepth_blender.engine.method import (
    decode_depth,
    depth_space,
    encode,
    normalize,
    relative_depth,
)
from sharpdepth_blender.engine.pipeline import SharpDepthPipeline
from sharpdepth_blender.engine.sharpdepth import Result, SharpDepth

from .datasets import Sample
from .loop import device
from .metrics import fit_scale_and_shift
from .networks import load_networks

METRIC, ALIGNED, SHARPENER = "f_D", "f_G aligned to f_D", "sharpener"
LOCALLY = ", local fit"
SHARPENED = f"{SHARPENER}{LOCALLY}"  # what the engine makes, and the report shows beside f_D
CEILING, AUTOENCODER = "f_G aligned to the truth", "autoencoder on the truth"

Infer = Callable[[Sample], dict[str, np.ndarray]]


def load_methods(config) -> Infer:
    """Load all methods.

    The fit to meters is the published one, which shows how methods differ. The sharpener and its
    variants, under their own names, are listed with the engine's local fit as well. A variant
    trained without the gate runs a single pass from pure noise, as it did in training. The
    autoencoder runs only on samples whose ground truth is dense and not constant.

    Returns:
        A function from a sample to its depth maps (H, W) [m] by method name.
    """
    networks, folder = load_networks(config), Path(config.folder)

    def engine(pipeline):
        return SharpDepth("evaluated", pipeline.to(device()), lambda: networks.estimator)

    def load(kind, path):
        return engine(kind.from_pretrained(path))

    def once(unet_of: SharpDepthPipeline):
        trained = networks.pipeline
        return engine(
            LotusPipeline(
                trained.vae,
                unet_of.unet,
                trained.scheduler,
                trained.empty_prompt,
                config.processing_resolution,
            )
        )

    aligned = once(networks.pipeline)
    sharpeners = {SHARPENER: load(SharpDepthPipeline, folder / "model")}
    for name in config.variants:
        gated = config.variant(name).gated_share > 0
        kind = SharpDepthPipeline if gated else LotusPipeline
        sharpeners[f"{SHARPENER}, {name}"] = load(kind, folder / "variants" / name / "model")

    def infer(sample: Sample) -> dict[str, np.ndarray]:
        def ask(method: SharpDepth, fit="global") -> Result:
            return method.infer(sample.rgb, sample.intrinsics, seed=config.evaluate.seed, fit=fit)

        baseline = ask(aligned)
        maps = {METRIC: baseline.metric_depth, ALIGNED: baseline.depth}
        for fit, told in (("global", ""), ("local", LOCALLY)):
            maps |= {f"{name}{told}": ask(each, fit).depth for name, each in sharpeners.items()}
        maps[CEILING] = fit_scale_and_shift(baseline.depth, sample.depth, sample.valid)
        if sample.valid.all() and np.ptp(sample.depth) > 0:
            maps[AUTOENCODER] = _through_autoencoder(networks.pipeline, sample.depth)
        return maps

    return infer


@torch.no_grad()
def _through_autoencoder(pipeline, truth):
    """Encode and decode the true depth: an upper bound for every method with this latent space."""
    depth = torch.from_numpy(truth)[None, None].to(device())
    space, vae = depth_space(pipeline.scheduler), pipeline.vae
    decoded = decode_depth(vae, encode(vae, normalize(depth, space)))
    return fit_scale_and_shift(relative_depth(decoded, depth, space)[0, 0].cpu().numpy(), truth)
