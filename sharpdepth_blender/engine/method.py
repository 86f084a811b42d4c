"""SharpDepth's equations (Pham et al., CVPR 2025, arXiv 2411.18229), one function each.

Inference and distillation share them, so none switches gradients off. Pictures and depths are
(B, channels, h, w) tensors, latents (B, latent channels, h / factor, w / factor).
"""

from math import cos, sin

import torch

# Lotus tells its two tasks apart by this class label; (0, 1) would ask for the picture back.
DEPTH_TASK = (sin(1), sin(0), cos(1), cos(0))
ROUNDING = 1e-5  # maps in -1..1 that differ by less are equal; a gate made of it would be noise


def vae_factor(vae) -> int:
    """Pixels of the picture along one side of a latent pixel: 8 in the release."""
    return 2 ** (len(vae.config.block_out_channels) - 1)


def normalize(depth: torch.Tensor) -> torch.Tensor:
    """Map each depth map's own range to -1..1: `2 (d - min d) / (max d - min d) - 1`.

    Args:
        depth: Meters, (B, 1, h, w). No map may be constant.

    Returns:
        (B, 1, h, w) in -1..1.
    """
    low, high = depth.amin((1, 2, 3), keepdim=True), depth.amax((1, 2, 3), keepdim=True)
    return (2 * (depth - low) / (high - low) - 1).clamp(-1, 1)


def encode(vae, picture: torch.Tensor) -> torch.Tensor:
    """Latent of a picture, `E(x)`: the mean of the posterior, never a sample of it, scaled.

    Args:
        vae: A diffusers `AutoencoderKL`.
        picture: (B, 3, h, w) in -1..1, or (B, 1, h, w), which is put on three channels.
    """
    picture = picture.expand(-1, 3, -1, -1).to(vae.dtype)
    return vae.config.scaling_factor * vae.encode(picture).latent_dist.mean


def decode(vae, latent: torch.Tensor) -> torch.Tensor:
    """Three-channel picture of a latent, (B, 3, h, w), about -1..1 and not clipped."""
    return vae.decode(latent.to(vae.dtype) / vae.config.scaling_factor).sample


def decode_depth(vae, latent: torch.Tensor) -> torch.Tensor:
    """Relative depth of a latent, `D(z)`: the channel mean of its picture, (B, 1, h, w)."""
    return decode(vae, latent).mean(1, keepdim=True)


def last_timestep(scheduler, device="cpu") -> torch.Tensor:
    """The one timestep of the method, `T - 1`, shape (1,).

    It is an integer, because bf16 would round 999 to 1000.
    """
    return torch.tensor([scheduler.config.num_train_timesteps - 1], device=device)


def predict_latent(unet, picture_latent, depth_latent, timestep, prompt) -> torch.Tensor:
    """One call of the sharpener, `G(a, b)`, which predicts the clean depth latent directly.

    Args:
        unet: A diffusers `UNet2DConditionModel` with class labels projected from 4 numbers.
        picture_latent: (B, C, h, w), `E(2 I - 1)`.
        depth_latent: (B, C, h, w), pure noise or the gated mix.
        timestep: Integer tensor, from `last_timestep`.
        prompt: Embedding of the empty prompt, (1, tokens, features).

    Returns:
        Depth latent, (B, C, h, w), float32 whatever the U-Net computes in.
    """
    dtype = next(unet.parameters()).dtype  # also of a U-Net that is wrapped for many devices
    latent = torch.cat([picture_latent, depth_latent], 1).to(dtype)
    batch = latent.shape[0]
    return unet(
        latent,
        timestep.to(latent.device).expand(batch),
        encoder_hidden_states=prompt.to(latent).expand(batch, -1, -1),
        class_labels=torch.tensor([DEPTH_TASK]).to(latent).expand(batch, -1),
    ).sample.float()


def difference(first_look: torch.Tensor, normalized: torch.Tensor) -> torch.Tensor:
    """Where the sharpener and the metric depth disagree: `|g - d̂| / max |g - d̂|`.

    The maximum is over the whole batch. All zeros when they agree everywhere but for rounding.

    Returns:
        (B, 1, h, w) in 0..1.
    """
    distance = (first_look - normalized).abs()
    largest = distance.max()
    if largest <= ROUNDING:
        return torch.zeros_like(distance)
    return (distance / largest).clamp(0, 1)


def gate(error: torch.Tensor, factor: int) -> torch.Tensor:
    """The difference at latent size: the top-left pixel of each block, as in the release."""
    return error[:, :, ::factor, ::factor]


def mix(gate, first_latent, depth_latent, noise, scheduler) -> torch.Tensor:
    """Input of the second look: `m · add_noise(z_1, n_2, T - 1) + (1 - m) · z_d`.

    What both models agree on keeps the metric latent; the rest is noised and drawn again.
    """
    timestep = last_timestep(scheduler, first_latent.device)
    noisy = scheduler.add_noise(first_latent, noise, timestep)
    return gate * noisy + (1 - gate) * depth_latent
