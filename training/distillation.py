"""One step of SharpDepth's distillation (arXiv 2411.18229, section 3), without ground truth.

G runs twice, as at inference. Score distillation keeps it as sharp as the frozen f_G; noise-aware
reconstruction pulls it toward f_D where the two disagree.
"""

from dataclasses import dataclass

import torch

from sharpdepth_blender.engine.method import (
    decode_depth,
    depth_space,
    difference,
    encode,
    gate,
    last_timestep,
    mix,
    normalize,
    predict_latent,
    vae_factor,
)

from .losses import reconstruction_loss, score_distillation_loss


@dataclass(frozen=True)
class LossWeights:
    """Weights of the two losses; the released code uses 1 and 0.4."""

    score: float
    reconstruction: float


@dataclass(frozen=True)
class StepLosses:
    """Loss of one step, its two terms and the intermediate tensors."""

    loss: torch.Tensor
    score: torch.Tensor
    reconstruction: torch.Tensor
    error: torch.Tensor
    second_latent: torch.Tensor
    teacher_latent: torch.Tensor
    prediction: torch.Tensor


def distillation_step(
    student,
    first_looker,
    teacher,
    vae,
    scheduler,
    prompt,
    picture,
    metric_depth,
    noises,
    gated: bool,
    weights: LossWeights,
) -> StepLosses:
    """Compute the loss for one step, without updating any weights.

    Args:
        student: The U-Net being trained.
        first_looker: EMA of the student, which runs the first pass.
        teacher: f_G, frozen.
        vae: Autoencoder, frozen.
        scheduler: Noise schedule.
        prompt: Empty-prompt embedding.
        picture: (B, 3, h, w) in 0..1.
        metric_depth: (B, 1, h, w) from f_D, meters.
        noises: Three noise latents: first pass, mix, score distillation.
        gated: Whether the second pass starts from the gated mix or from pure noise.
        weights: Weights of the two losses.
    """
    first_noise, mix_noise, score_noise = noises
    timestep = last_timestep(scheduler, picture.device)
    with torch.no_grad():
        normalized = normalize(metric_depth, depth_space(scheduler))
        picture_latent = encode(vae, 2 * picture - 1)
        depth_latent = encode(vae, normalized)
        first_latent = predict_latent(first_looker, picture_latent, first_noise, timestep, prompt)
        error = difference(decode_depth(vae, first_latent).float(), normalized)
        start = mix_noise
        if gated:
            mask = gate(error, vae_factor(vae))
            start = mix(mask, first_latent, depth_latent, mix_noise, scheduler)
    second_latent = predict_latent(student, picture_latent, start, timestep, prompt)
    with torch.no_grad():
        noised = scheduler.add_noise(second_latent, score_noise, timestep)
        teacher_latent = predict_latent(teacher, picture_latent, noised, timestep, prompt)
    alpha = scheduler.alphas_cumprod[-1].to(picture.device)
    score = score_distillation_loss(second_latent, teacher_latent, alpha)
    prediction = decode_depth(vae, second_latent).float()
    reconstruction = reconstruction_loss(prediction, normalized, error)
    loss = weights.score * score + weights.reconstruction * reconstruction
    return StepLosses(loss, score, reconstruction, error, second_latent, teacher_latent, prediction)
