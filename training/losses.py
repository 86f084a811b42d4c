"""Losses of all stages, as pure tensor functions."""

import torch
import torch.nn.functional as F


def score_distillation_loss(latent, teacher_latent, alpha_cumprod):
    """SDS: pull the sharpener's latent toward the frozen teacher's prediction.

    `0.5 MSE(z, stopgrad(z - (1 - alpha) (z - z_teacher)))`, so the gradient is the score
    difference itself, without backpropagating through the teacher (SharpDepth, section 3.3).

    Args:
        latent: (B, C, h, w), the sharpener's prediction, with gradient.
        teacher_latent: (B, C, h, w), the teacher's prediction from the noised `latent`.
        alpha_cumprod: Cumulative alpha of the noise schedule at that timestep; scalar.
    """
    gradient = torch.nan_to_num((1 - alpha_cumprod) * (latent - teacher_latent))
    target = (latent - gradient).detach()
    return 0.5 * F.mse_loss(latent.float(), target.float())


def reconstruction_loss(prediction, normalized, error):
    """Noise-aware reconstruction: pull toward metric depth where the two models disagree.

    `sum(e |p - d| / 2) / sum(e)`, halved because both depths span -1..1.

    Args:
        prediction: (B, 1, h, w) depth decoded from the sharpener's latent, with gradient.
        normalized: (B, 1, h, w) metric depth in -1..1.
        error: (B, 1, h, w) in 0..1, without gradient.
    """
    distance = (prediction - normalized).abs() / 2
    return (error * distance).sum() / (error.sum() + 1e-8)


def log_depth_loss(log_prediction, depth, measured):
    """Mean |log prediction - log depth| over the pixels in `measured` (bool)."""
    distance = (log_prediction - depth.clamp(min=1e-3).log()).abs()
    return (distance * measured).sum() / measured.sum().clamp(min=1)


def gradient_loss(prediction, target):
    """Mean absolute difference of the x and y derivatives, which emphasizes edges."""
    difference = prediction - target
    across = (difference[..., :, 1:] - difference[..., :, :-1]).abs().mean()
    down = (difference[..., 1:, :] - difference[..., :-1, :]).abs().mean()
    return across + down
