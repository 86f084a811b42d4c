"""Stage `vae`: train the autoencoder for pictures and depth maps, with 4x downsampling."""

from pathlib import Path

import torch
from diffusers import AutoencoderKL

from sharpdepth_blender.engine.method import into_space, normalize

from .frames import draw_batch, draw_crops, load_sharp_frames
from .loop import (
    State,
    autocast,
    device,
    noise_like,
    optimizer_step,
    run_settings,
    set_learning_rate,
    step_rng,
)
from .losses import gradient_loss
from .optimizer import MatrixOptimizer
from .progress import Progress


def train_vae(config):
    """Train the autoencoder and write it, including its scaling factor, to <folder>/vae/model."""
    settings = config.vae
    folder = Path(config.folder)
    frames, space = load_sharp_frames(config), config.depth_space

    torch.manual_seed(config.seed)
    levels = len(settings.widths)
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=tuple(settings.widths),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=config.processing_resolution,
    ).to(device())
    outer = [vae.encoder.conv_in, vae.decoder.conv_out]
    optimizer = MatrixOptimizer(vae, outer, settings.weight_decay)
    result_of = run_settings(config, settings, depth_space=space)
    state = State(folder / "vae", result_of, vae=vae, optimizer=optimizer)

    progress = Progress("vae", state.step, settings.steps, folder / "vae" / "log.csv")
    for step in range(state.step, settings.steps):
        rate = set_learning_rate(
            optimizer, step, settings.steps, settings.learning_rate, settings.warmup
        )
        rng = step_rng(config.seed, step)
        batch, *ends = draw_crops(frames, settings.batch, settings.crop, rng)
        batch, half = batch.to(device()), settings.batch // 2  # half pictures, half depth maps
        low, high = (into_space(space, each[half:].to(device())) for each in ends)
        depth = 2 * (into_space(space, batch.depth[half:]) - low) / (high - low) - 1
        picture = torch.cat([2 * batch.rgb[:half] - 1, depth.expand(-1, 3, -1, -1)])
        with autocast():
            posterior = vae.encode(picture).latent_dist
            latent = posterior.mean + posterior.std * noise_like(posterior.mean, rng)
            decoded = vae.decode(latent).sample.float()
        absolute, edges = _distances(decoded, picture)
        if space == "linear":
            # Near depths matter too, but differ little in -1..1: add a loss on inverse depth.
            found = decoded[half:].mean(1, keepdim=True)
            inverse = _distances(_inverse_depth(found, low, high), _inverse_depth(depth, low, high))
            absolute = absolute + settings.nearness_weight * inverse[0]
            edges = edges + settings.nearness_weight * inverse[1]
        divergence = posterior.kl().mean() / posterior.mean[0].numel()
        loss = absolute + settings.gradient_weight * edges + settings.kl_weight * divergence
        optimizer_step(loss, vae, optimizer)
        progress.show(step, absolute=absolute.item(), edges=edges.item(), learning_rate=rate)
        state.save_sometimes(step + 1)
    state.save(settings.steps)

    vae.register_to_config(scaling_factor=_scaling_factor(vae, frames, config))
    vae.save_pretrained(folder / "vae" / "model")


def _distances(decoded, picture):
    """Mean absolute differences of the values and of their derivatives."""
    return (decoded - picture).abs().mean(), gradient_loss(decoded, picture)


def _inverse_depth(depth, low, high):
    """Ratio of the nearest depth to depth: 1 at `low` meters, clamped to 4 for overshoots."""
    return low / ((depth + 1) / 2 * (high - low) + low).clamp(min=low / 4)


@torch.no_grad()
def _scaling_factor(vae, frames, config) -> float:
    """Return one over the joint standard deviation of picture and depth latents."""
    latents = []
    for step in range(4):
        batch = draw_batch(frames, 8, step_rng(config.seed, step)).to(device())
        depth = normalize(batch.depth, config.depth_space).expand(-1, 3, -1, -1)
        for picture in (2 * batch.rgb - 1, depth):
            latents.append(vae.encode(picture).latent_dist.mean.flatten())
    return 1 / torch.cat(latents).std().item()
