"""SharpDepth's equations (Pham et al., CVPR 2025, arXiv 2411.18229), one function each.

Inference and distillation share them, so none disables gradients. Pictures and depths are
(B, channels, h, w) tensors, latents (B, latent channels, h / factor, w / factor).
"""

from math import cos, sin

import torch

# Class label of Lotus' depth task; (0, 1) would request a reconstruction of the picture.
DEPTH_TASK = (sin(1), sin(0), cos(1), cos(0))
SPACES = ("linear", "log", "inverse")  # in which depth is normalized
ROUNDING = 1e-5  # maps in -1..1 that differ by less are equal; a gate from that would be noise


def vae_factor(vae) -> int:
    """Return the VAE's downsampling factor: 8 in the release."""
    return 2 ** (len(vae.config.block_out_channels) - 1)


def normalize(depth: torch.Tensor, space: str = "linear") -> torch.Tensor:
    """Normalize each depth map to -1..1: `2 (d - min d) / (max d - min d) - 1`.

    Args:
        depth: Meters, (B, 1, h, w). No map may be constant.
        space: One of `SPACES`. The paper's is linear; in the others d is log depth or -1 / depth,
            in which a street keeps its cars where it also shows the horizon.

    Returns:
        (B, 1, h, w) in -1..1, larger for what is farther.
    """
    values = into_space(space, depth)
    low, high = _range(values)
    return (2 * (values - low) / (high - low) - 1).clamp(-1, 1)


def relative_depth(prediction: torch.Tensor, metric: torch.Tensor, space: str) -> torch.Tensor:
    """Turn a prediction in a space into one that is linear in depth, as a fit to meters needs it.

    Args:
        prediction: (B, 1, h, w), roughly in -1..1.
        metric: (B, 1, h, w) meters, whose range in that space -1 and 1 stand for.
        space: One of `SPACES`.

    Returns:
        (B, 1, h, w): the prediction itself for the linear space; else meters, positive, as far as
        ten times the farthest of `metric`.
    """
    if space == "linear":
        return prediction
    low, high = _range(into_space(space, metric))
    values = low + (prediction + 1) / 2 * (high - low)
    farthest = 10 * metric.amax((1, 2, 3), keepdim=True)
    if space == "log":
        return torch.minimum(values, farthest.log()).exp()
    return -1 / torch.minimum(values, -1 / farthest)


def depth_space(scheduler) -> str:
    """Return the space that a model normalizes depth in, as its scheduler's config tells."""
    return scheduler.config.get("depth_space", "linear")


def into_space(space: str, depth: torch.Tensor) -> torch.Tensor:
    """Return depth, its logarithm, or -1 / depth: larger for what is farther in each."""
    return {"linear": lambda d: d, "log": torch.log, "inverse": lambda d: -1 / d}[space](depth)


def _range(values):
    return values.amin((1, 2, 3), keepdim=True), values.amax((1, 2, 3), keepdim=True)


def encode(vae, picture: torch.Tensor) -> torch.Tensor:
    """Encode a picture, `E(x)`: the posterior mean (never a sample), scaled.

    Args:
        vae: A diffusers `AutoencoderKL`.
        picture: (B, 3, h, w) in -1..1, or (B, 1, h, w), which is repeated to three channels.
    """
    picture = picture.expand(-1, 3, -1, -1).to(vae.dtype)
    return vae.config.scaling_factor * vae.encode(picture).latent_dist.mean


def decode(vae, latent: torch.Tensor) -> torch.Tensor:
    """Decode a latent to a picture, (B, 3, h, w), roughly in -1..1, not clipped."""
    return vae.decode(latent.to(vae.dtype) / vae.config.scaling_factor).sample


def decode_depth(vae, latent: torch.Tensor) -> torch.Tensor:
    """Decode a latent to relative depth, `D(z)`: the channel mean, (B, 1, h, w)."""
    return decode(vae, latent).mean(1, keepdim=True)


def last_timestep(scheduler, device="cpu") -> torch.Tensor:
    """Return the single timestep of the method, `T - 1`, shape (1,).

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
        prompt: Empty-prompt embedding, (1, tokens, features).

    Returns:
        Depth latent, (B, C, h, w), always float32.
    """
    dtype = next(unet.parameters()).dtype  # also works for a U-Net wrapped for several devices
    latent = torch.cat([picture_latent, depth_latent], 1).to(dtype)
    batch = latent.shape[0]
    return unet(
        latent,
        timestep.to(latent.device).expand(batch),
        encoder_hidden_states=prompt.to(latent).expand(batch, -1, -1),
        class_labels=torch.tensor([DEPTH_TASK]).to(latent).expand(batch, -1),
    ).sample.float()


def difference(first_look: torch.Tensor, normalized: torch.Tensor) -> torch.Tensor:
    """Disagreement of sharpener and metric depth: `|g - d̂| / max |g - d̂|`.

    The maximum is over the whole batch. All zeros if they agree everywhere up to rounding.

    Returns:
        (B, 1, h, w) in 0..1.
    """
    distance = (first_look - normalized).abs()
    largest = distance.max()
    if largest <= ROUNDING:
        return torch.zeros_like(distance)
    return (distance / largest).clamp(0, 1)


def gate(error: torch.Tensor, factor: int) -> torch.Tensor:
    """Downsample the difference to latent size: top-left pixel of each block, as in the release."""
    return error[:, :, ::factor, ::factor]


def mix(gate, first_latent, depth_latent, noise, scheduler) -> torch.Tensor:
    """Input of the second pass: `m · add_noise(z_1, n_2, T - 1) + (1 - m) · z_d`.

    Where both models agree, the metric latent is kept; the rest is noised and generated again.
    """
    timestep = last_timestep(scheduler, first_latent.device)
    noisy = scheduler.add_noise(first_latent, noise, timestep)
    return gate * noisy + (1 - gate) * depth_latent
