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


def shape_loss(log_prediction, depth, measured):
    """Mean |log prediction - log depth| over `measured`, after taking out each picture's median."""
    difference = log_prediction - depth.clamp(min=1e-3).log()
    terms = []
    for each, known in zip(difference, measured, strict=True):
        if known.any():
            inside = each[known]
            terms.append((inside - inside.median()).abs().mean())
    return torch.stack(terms).mean() if terms else difference.sum() * 0


def log_gradient_loss(log_prediction, depth, measured, strides=(1, 2, 4, 8)):
    """Mean absolute difference of the derivatives of log depth, at several strides, summed.

    Follows the multi-scale gradient term of MiDaS (Ranftl et al., 2020), on log depth. A difference
    counts where both of its pixels are in `measured`.
    """
    difference = log_prediction - depth.clamp(min=1e-3).log()
    total = difference.sum() * 0
    for stride in strides:
        part, known = difference[..., ::stride, ::stride], measured[..., ::stride, ::stride]
        for axis in (2, 3):
            count = part.shape[axis] - 1
            slope = (part.narrow(axis, 1, count) - part.narrow(axis, 0, count)).abs()
            both = known.narrow(axis, 1, count) & known.narrow(axis, 0, count)
            total = total + (slope * both).sum() / both.sum().clamp(min=1)
    return total / len(strides)


def normal_loss(log_prediction, depth, rays, measured, step=4):
    """One minus the cosine between surface normals, averaged over `measured`.

    Normals are cross products of differences of points `step` pixels apart. They do not depend on
    the scale of depth.

    Args:
        log_prediction: (B, 1, h, w), logarithm of depth.
        depth: (B, 1, h, w) [m].
        rays: (B, 2, h, w), x / z and y / z.
        measured: (B, 1, h, w) bool; a normal counts where all of its pixels are in it.
        step: Pixels.
    """
    directions = torch.cat([rays, torch.ones_like(rays[:, :1])], dim=1)[..., ::step, ::step]
    # Each picture is scaled to a median depth of one, so that float32 suffices.
    logarithm = depth.clamp(min=1e-3).log()
    middle = logarithm.flatten(1).median(dim=1).values[:, None, None, None]
    seen, true = (
        _normals((each - middle)[..., ::step, ::step].exp() * directions)
        for each in (log_prediction.clamp(middle - 6, middle + 6), logarithm)
    )
    known = measured[:, 0, ::step, ::step]
    known = known[:, :-1, :-1] & known[:, 1:, :-1] & known[:, :-1, 1:]
    distance = 1 - (seen * true).sum(1)
    return (distance * known).sum() / known.sum().clamp(min=1)


def _normals(points):
    """Unit normals (B, 3, h - 1, w - 1) of a grid of points (B, 3, h, w)."""
    corner = points[..., :-1, :-1]
    across, down = points[..., :-1, 1:] - corner, points[..., 1:, :-1] - corner
    return F.normalize(torch.linalg.cross(across, down, dim=1), dim=1, eps=1e-9)


def sky_loss(logit, log_prediction, depth, sky):
    """Binary cross entropy of the sky, and how much nearer it is than what is farthest before it.

    The second part only keeps the sky behind the scene, since it has no depth.

    Args:
        logit: (B, 1, h, w), of the probability of sky.
        log_prediction: (B, 1, h, w), logarithm of depth.
        depth: (B, 1, h, w) [m].
        sky: (B, 1, h, w) bool.
    """
    entropy = F.binary_cross_entropy_with_logits(logit, sky.float())
    behind = log_prediction.sum() * 0
    for number, above in enumerate(sky):
        if above.any() and not above.all():
            farthest = torch.quantile(depth[number][~above].log(), 0.98)
            behind = behind + (farthest - log_prediction[number][above]).clamp(min=0).mean()
    return entropy + 0.2 * behind / len(sky)
