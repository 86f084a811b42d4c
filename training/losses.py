"""The losses of every stage, as functions of tensors alone."""

import torch
import torch.nn.functional as F


def score_distillation_loss(latent, teacher_latent, alpha_cumprod):
    """SDS: pull the sharpener's latent toward what the frozen teacher makes of it.

    `0.5 MSE(z, stopgrad(z - (1 - alpha) (z - z_teacher)))`, so the gradient is the score
    difference itself and no derivative of the teacher is taken (SharpDepth, section 3.3).

    Args:
        latent: (B, C, h, w) of the sharpener, with gradient.
        teacher_latent: (B, C, h, w), what the teacher predicts of the noised `latent`.
        alpha_cumprod: Share of the signal at the timestep of that noise; scalar.
    """
    gradient = torch.nan_to_num((1 - alpha_cumprod) * (latent - teacher_latent))
    target = (latent - gradient).detach()
    return 0.5 * F.mse_loss(latent.float(), target.float())


def reconstruction_loss(prediction, normalized, error):
    """Noise-aware reconstruction: metric depth where both models disagree.

    `sum(e |p - d| / 2) / sum(e)`, halved because both depths span -1..1.

    Args:
        prediction: (B, 1, h, w) decoded depth of the sharpener, with gradient.
        normalized: (B, 1, h, w) metric depth in -1..1.
        error: (B, 1, h, w) in 0..1, without gradient.
    """
    distance = (prediction - normalized).abs() / 2
    return (error * distance).sum() / (error.sum() + 1e-8)


def log_depth_loss(log_prediction, depth, measured):
    """Mean |log prediction - log depth| of the pixels that are `measured` (bool)."""
    distance = (log_prediction - depth.clamp(min=1e-3).log()).abs()
    return (distance * measured).sum() / measured.sum().clamp(min=1)


def gradient_loss(prediction, target):
    """Mean absolute difference of the derivatives along x and y: it looks at edges."""
    difference = prediction - target
    across = (difference[..., :, 1:] - difference[..., :, :-1]).abs().mean()
    down = (difference[..., 1:, :] - difference[..., :-1, :]).abs().mean()
    return across + down
