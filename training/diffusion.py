"""Stage `diffusion`: train f_G, a one-step depth model, with the Lotus objective.

The U-Net takes the picture latent and pure noise at the last timestep and predicts the clean
latent of the true depth, each depth map normalized to its own range.
"""

import hashlib
from copy import deepcopy
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel

from sharpdepth_blender.engine.method import last_timestep, predict_latent

from .frames import load_sharp_frames, smaller, vary_colors
from .latents import draw_latents, encode_frames, kept_latents
from .loop import (
    State,
    autocast,
    device,
    load_model,
    noise_like,
    optimizer_step,
    run_settings,
    set_learning_rate,
    step_rng,
    update_ema,
)
from .optimizer import MatrixOptimizer
from .photographic import as_photographed
from .progress import Progress
from .settings import ConfigError

PROMPT_TOKENS, PROMPT_FEATURES = 2, 32


def noise_schedule(depth_space: str = "linear") -> DDIMScheduler:
    """Return the noise schedule of Stable Diffusion 2, with sample prediction.

    Its config tells the space that depth is normalized in, unless that is the published one.
    """
    scheduler = DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="sample",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    if depth_space != "linear":
        scheduler.register_to_config(depth_space=depth_space)
    return scheduler


def empty_prompt(seed: int) -> torch.Tensor:
    """Return a constant that stands in for the empty-prompt embedding."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, PROMPT_TOKENS, PROMPT_FEATURES, generator=generator)


def new_unet(widths, latent_side: int) -> UNet2DConditionModel:
    """Return an untrained U-Net with the published architecture, at smaller widths."""
    down = ("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D")
    up = ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D")
    return UNet2DConditionModel(
        sample_size=latent_side,
        in_channels=8,
        out_channels=4,
        down_block_types=down,
        up_block_types=up,
        block_out_channels=tuple(widths),
        layers_per_block=1,
        norm_num_groups=16,
        cross_attention_dim=PROMPT_FEATURES,
        attention_head_dim=[width // 32 for width in widths],  # number of heads
        use_linear_projection=True,
        class_embed_type="projection",
        projection_class_embeddings_input_dim=4,
    )


def train_diffusion(config):
    """Train f_G and write it to <folder>/diffusion/model.

    Raises:
        ConfigError: `diffusion.begin` is not there, or of another shape.
    """
    settings = config.diffusion
    folder = Path(config.folder)
    vae = load_model(AutoencoderKL, folder / "vae" / "model")
    timestep = last_timestep(noise_schedule(), device())
    prompt = empty_prompt(config.seed).to(device())

    torch.manual_seed(config.seed)
    unet = _begin(config)
    ema = deepcopy(unet)
    outer = [unet.conv_in, unet.conv_out, unet.time_embedding, unet.class_embedding]
    optimizer = MatrixOptimizer(unet, outer, settings.weight_decay)
    state = State(
        folder / "diffusion",
        run_settings(config, settings, depth_space=config.depth_space),
        unet=unet,
        mean=ema,
        optimizer=optimizer,
    )

    progress = Progress("diffusion", state.step, settings.steps, folder / "diffusion" / "log.csv")
    encoded = None
    for step in range(state.step, settings.steps):
        rate = set_learning_rate(
            optimizer, step, settings.steps, settings.learning_rate, settings.warmup
        )
        rng = step_rng(config.seed, step)
        if encoded is None or step == settings.small_steps:
            small = settings.small_resolution if step < settings.small_steps else None
            encoded = _encoded(config, vae, small)
        picture_latent, depth_latent = draw_latents(encoded, settings.batch, rng)
        noise = noise_like(depth_latent, rng)
        with autocast():
            predicted = predict_latent(unet, picture_latent, noise, timestep, prompt)
        loss = F.mse_loss(predicted.float(), depth_latent)
        optimizer_step(loss, unet, optimizer)
        update_ema(ema, unet, settings.average, step)
        progress.show(step, loss=loss.item(), learning_rate=rate)
        state.save_sometimes(step + 1)
    state.save(settings.steps)
    ema.save_pretrained(folder / "diffusion" / "model")


def _begin(config):
    """Return the U-Net to train: a new one, or that of `diffusion.begin`."""
    settings = config.diffusion
    if not settings.begin:
        latent_side = config.processing_resolution // 2 ** (len(config.vae.widths) - 1)
        return new_unet(settings.widths, latent_side).to(device())
    if not Path(settings.begin).is_dir():
        raise ConfigError(f"diffusion.begin: there is no folder {settings.begin}")
    unet = load_model(UNet2DConditionModel, Path(settings.begin)).train()
    if list(unet.config.block_out_channels) != settings.widths:
        raise ConfigError(
            f"diffusion.begin has widths {list(unet.config.block_out_channels)}, "
            f"not {settings.widths}"
        )
    return unet


def _encoded(config, vae, small):
    """Return the latents of all frames, at `small` pixels or the size of the frames if None."""
    settings, seed, space = config.diffusion, config.seed, config.depth_space
    folder = Path(config.folder)

    def encode():
        frames = load_sharp_frames(config)
        if small:
            frames = [smaller(frame, small) for frame in frames]
        vary = as_photographed if settings.photographic else vary_colors
        return encode_frames(vae, frames, settings.color_variants, seed, space, vary)

    told = {
        "frames": config.render.train,
        "variants": settings.color_variants,
        "photographic": settings.photographic,
        "seed": seed,
        "space": space,
        "autoencoder": hashlib.sha256(
            (folder / "vae" / "model" / "diffusion_pytorch_model.safetensors").read_bytes()
        ).hexdigest(),
    }
    name = f"latents-{small or config.processing_resolution}.safetensors"
    return kept_latents(folder / "diffusion" / name, told, encode)
