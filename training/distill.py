"""Stage `distill`: fine-tune f_G into the sharpener G, on one device or, by accelerate, on many."""

from copy import deepcopy
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch.utils.data import Subset

from sharpdepth_blender.engine.device import peak_memory, reset_peak_memory
from sharpdepth_blender.engine.method import vae_factor
from sharpdepth_blender.engine.metric import DEFAULT_FIELD_OF_VIEW
from sharpdepth_blender.engine.pipeline import SharpDepthPipeline
from sharpdepth_blender.engine.sharpdepth import SharpDepth
from sharpdepth_blender.geometry import Intrinsics

from .datasets import open_dataset
from .distill_dataset import DistillDataset, load_draws
from .distillation import LossWeights, distillation_step
from .export import export_model
from .frames import check_frames
from .loop import (
    DivergedError,
    State,
    StateError,
    device,
    noise_like,
    run_settings,
    set_learning_rate,
    step_rng,
    update_ema,
)
from .lora import add_adapters, merge_adapters
from .networks import load_networks
from .progress import Progress
from .validation import Validation

WORKERS = 4  # processes that read pictures for a GPU; a CPU reads them between its steps


def distill(config):
    """Distil the sharpener, and write the whole model to <folder>/model.

    Each table of `config.variants` is distilled after it, as the same settings with some changed,
    into <folder>/variants/<name>/model: other seeds, and what the method is without its parts.

    Raises:
        FramesMissingError: there are fewer rendered frames than the config has.
        DatasetError: the folder of pictures cannot be used.
        DivergedError: the loss is not finite.
        StateError: an interrupted run had other settings, or its state is not for all processes.
    """
    folder = Path(config.folder)
    _distill(config, config.distill, folder / "distill", folder / "model")
    for name in config.variants:
        own = folder / "variants" / name
        _distill(config, config.variant(name), own / "distill", own / "model")


def _distill(config, settings, folder, into):
    accelerator = Accelerator(
        gradient_accumulation_steps=settings.accumulation,
        mixed_precision="bf16",
        cpu=device() == "cpu",
    )
    torch.manual_seed(settings.seed)  # of adapters, and of networks with random weights
    networks = load_networks(config)
    for part in (networks.pipeline.unet, networks.pipeline.vae):
        part.requires_grad_(False).to(accelerator.device)
    networks.estimator.to(accelerator.device)
    student, mean = _student_and_mean(networks, settings)
    learning = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, weight_decay=settings.weight_decay)
    pictures, of_a_step = _pictures(config), settings.accumulation * accelerator.num_processes
    result_of = run_settings(config, settings, pictures=len(pictures), of_a_step=of_a_step)
    state = State(folder, result_of, student=student, mean=mean, optimizer=optimizer)
    if len(set(gather_object([state.step]))) > 1:
        raise StateError(f"{folder} is not one folder for all machines: share it between them")

    factor = vae_factor(networks.pipeline.vae)
    draws = DistillDataset(pictures, settings.seed, config.processing_resolution, factor)
    data = load_draws(
        draws,
        state.step * of_a_step,
        settings.steps * of_a_step,
        WORKERS if accelerator.device.type == "cuda" else 0,
    )
    ready, optimizer, data = accelerator.prepare(student, optimizer, data)

    step, losses = state.step, []
    if accelerator.is_main_process:
        progress = Progress("distill", step, settings.steps, folder / "log.csv")
        validation = Validation(config, folder, step, settings)
        engine = _engine(networks, mean, config.processing_resolution)
    reset_peak_memory(accelerator.device.type)
    for number, picture, intrinsics in data:
        with accelerator.accumulate(ready):
            peak = settings.learning_rate * of_a_step
            rate = set_learning_rate(optimizer, step, settings.steps, peak, settings.warmup)
            looks = _look(accelerator, networks, ready, mean, picture, intrinsics, number, settings)
            if not looks.loss.isfinite():
                raise DivergedError(f"the loss is {looks.loss.item()} at draw {number}")
            accelerator.backward(looks.loss)
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(learning, 1.0)
            optimizer.step()
            optimizer.zero_grad()
        losses.append((looks.score.item(), looks.reconstruction.item()))
        if not accelerator.sync_gradients:
            continue
        update_ema(mean, student, settings.average, step)
        if accelerator.is_main_process:
            score, reconstruction = (sum(each) / len(losses) for each in zip(*losses, strict=True))
            progress.show(step, score=score, reconstruction=reconstruction, learning_rate=rate)
            validation.show(
                step + 1,
                lambda sample: engine.infer(sample.rgb, sample.intrinsics, fit="global").depth,
            )
            state.save_sometimes(step + 1)
        step, losses = step + 1, []
    if accelerator.is_main_process:
        state.save(settings.steps)
        memory = peak_memory(accelerator.device.type) / 2**30
        print(f"distill: {memory:.1f} GiB on {accelerator.device.type} at most")
        merge_adapters(mean)
        export_model(networks, mean, config.processing_resolution, into)
    accelerator.wait_for_everyone()


def _engine(networks, mean, resolution):
    """Return the sharpener as it is by now, in the shape in which it will be used."""
    trained = networks.pipeline
    pipeline = SharpDepthPipeline(
        trained.vae, mean, trained.scheduler, trained.empty_prompt, resolution
    )
    return SharpDepth("in training", pipeline, lambda: networks.estimator)


def _pictures(config):
    if config.distill.pictures:
        return open_dataset("pictures", config.distill.pictures)
    frames, count = Path(config.folder) / "frames", config.render.distill
    check_frames(frames, "distill", count)
    return Subset(open_dataset("rendered", frames / "distill"), range(count))


def _student_and_mean(networks, settings):
    """Return two copies of f_G, the one that learns and its moving average."""
    teacher = networks.pipeline.unet
    student = deepcopy(teacher)
    if settings.lora_rank:
        teacher.to(torch.bfloat16)  # as the student's own weights, to save memory
        add_adapters(student, settings.lora_rank)
    else:
        student.requires_grad_(True)
    mean = deepcopy(student).requires_grad_(False)
    if settings.gradient_checkpointing:
        student.enable_gradient_checkpointing()
        networks.pipeline.vae.enable_gradient_checkpointing()
    return student, mean


def _look(accelerator, networks, student, mean, picture, intrinsics, number, settings):
    """Compute the losses of one draw, whose noise follows from its number."""
    pipeline, rng = networks.pipeline, step_rng(settings.seed, number, 1)
    factor = vae_factor(pipeline.vae)
    height, width = picture.shape[2:]
    blank = torch.empty(
        1, pipeline.vae.config.latent_channels, height // factor, width // factor,
        device=picture.device,
    )  # fmt: skip
    noises = [noise_like(blank, rng) for _ in range(3)]
    gated = rng.random() < settings.gated_share
    with torch.no_grad():  # and in full precision, as the engine asks f_D
        depth = _metric_depth(networks.estimator, picture, intrinsics)
    with accelerator.autocast():
        return distillation_step(
            student,
            mean,
            pipeline.unet,
            pipeline.vae,
            pipeline.scheduler,
            pipeline.empty_prompt.to(picture.device),
            picture,
            depth,
            noises,
            gated,
            LossWeights(settings.score_weight, settings.reconstruction_weight),
        )


def _metric_depth(estimator, picture, intrinsics):
    if intrinsics is None and estimator.takes_intrinsics and not estimator.finds_intrinsics:
        height, width = picture.shape[2:]
        intrinsics = Intrinsics.from_fov(DEFAULT_FIELD_OF_VIEW, width, height)
    return estimator.predict((255 * picture).round(), intrinsics).depth.float()
