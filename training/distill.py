"""Stage `distill`: fine-tune f_G into the sharpener G, without any ground truth.

G looks twice, as at inference. Score distillation keeps it as sharp as the frozen f_G; noise-aware
reconstruction pulls it towards f_D where the two disagree (SharpDepth, arXiv 2411.18229).
"""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from sharpdepth_blender.engine.method import (
    decode_depth,
    difference,
    encode,
    gate,
    last_timestep,
    look,
    mix,
    normalise,
    vae_factor,
)
from sharpdepth_blender.engine.preview_metric import PreviewMetricModel, camera_rays

from .diffusion import empty_prompt, noise_schedule
from .export import export_model
from .frames import draw_batch, load_frames
from .loop import (
    ProgressLine,
    State,
    autocast,
    average,
    descend,
    device,
    load_model,
    noise_like,
    set_learning_rate,
    step_rng,
)
from .losses import reconstruction_loss, score_distillation_loss

GATED_SHARE = 0.8  # of the steps look at the gated mix, the others at pure noise


@dataclass(frozen=True)
class Looks:
    """The loss of one step with its two parts, and the tensors that led to it."""

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
    reconstruction_weight: float,
) -> Looks:
    """Compute the loss of one step; nothing is updated.

    Args:
        student: The U-Net that learns.
        first_looker: The moving average of the student, which makes the first look.
        teacher: f_G, frozen.
        vae: Autoencoder, frozen.
        scheduler: The noise schedule.
        prompt: Embedding of the empty prompt.
        picture: (B, 3, h, w) in 0..1.
        metric_depth: (B, 1, h, w) of f_D, metres.
        noises: Three latents of noise: first look, mix, score distillation.
        gated: Whether the second look gets the gated mix or pure noise.
        reconstruction_weight: Weight of the reconstruction beside score distillation.
    """
    first_noise, mix_noise, score_noise = noises
    timestep = last_timestep(scheduler, picture.device)
    with torch.no_grad():
        normalised = normalise(metric_depth)
        picture_latent = encode(vae, 2 * picture - 1)
        depth_latent = encode(vae, normalised)
        first_latent = look(first_looker, picture_latent, first_noise, timestep, prompt)
        error = difference(decode_depth(vae, first_latent).float(), normalised)
        start = mix_noise
        if gated:
            mask = gate(error, vae_factor(vae))
            start = mix(mask, first_latent, depth_latent, mix_noise, scheduler)
    second_latent = look(student, picture_latent, start, timestep, prompt)
    with torch.no_grad():
        noised = scheduler.add_noise(second_latent, score_noise, timestep)
        teacher_latent = look(teacher, picture_latent, noised, timestep, prompt)
    alpha = scheduler.alphas_cumprod[-1].to(picture.device)
    score = score_distillation_loss(second_latent, teacher_latent, alpha)
    prediction = decode_depth(vae, second_latent).float()
    reconstruction = reconstruction_loss(prediction, normalised, error)
    loss = score + reconstruction_weight * reconstruction
    return Looks(loss, score, reconstruction, error, second_latent, teacher_latent, prediction)


def distill(config):
    """Distil the sharpener, and write the whole model to <folder>/model."""
    settings = config.distill
    folder = Path(config.folder)
    frames = load_frames(folder / "frames", "distill", config.render.distill)
    vae = load_model(AutoencoderKL, folder / "vae" / "model")
    metric = load_model(PreviewMetricModel, folder / "metric" / "model")
    teacher = load_model(UNet2DConditionModel, folder / "diffusion" / "model")
    for frozen in (vae, metric, teacher):
        frozen.requires_grad_(False)
    scheduler, prompt = noise_schedule(), empty_prompt(config.seed).to(device())

    student, mean = deepcopy(teacher).requires_grad_(True), deepcopy(teacher)
    optimizer = torch.optim.AdamW(student.parameters(), weight_decay=settings.weight_decay)
    state = State(folder / "distill", student=student, mean=mean, optimizer=optimizer)

    progress = ProgressLine("distill", state.step, settings.steps)
    for step in range(state.step, settings.steps):
        set_learning_rate(optimizer, step, settings.steps, settings.learning_rate, settings.warmup)
        rng = step_rng(config.seed, step)
        batch = draw_batch(frames, settings.batch, rng).to(device())
        with torch.no_grad():
            rays = camera_rays(batch.intrinsics, *batch.rgb.shape[2:])
            depth = metric(batch.rgb, rays).exp()
        factor = vae_factor(vae)
        height, width = (side // factor for side in batch.rgb.shape[2:])
        blank = torch.empty(len(batch.rgb), 4, height, width, device=device())
        noises = [noise_like(blank, rng) for _ in range(3)]
        gated = rng.random() < GATED_SHARE
        with autocast():
            looks = distillation_step(
                student,
                mean,
                teacher,
                vae,
                scheduler,
                prompt,
                batch.rgb,
                depth,
                noises,
                gated,
                settings.reconstruction_weight,
            )
        descend(looks.loss, student, optimizer)
        average(mean, student, settings.average, step)
        progress.show(step, score=looks.score.item(), reconstruction=looks.reconstruction.item())
        state.save_sometimes(step + 1)
    state.save(settings.steps)
    export_model(config, student=mean, into=folder / "model")
