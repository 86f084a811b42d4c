"""Stage `distill`: fine-tune f_G into the sharpener G, on one or (with accelerate) many devices."""

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
from sharpdepth_blender.engine.sky import bring_sky_near
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
    bfloat16_pays,
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

WORKERS = 4  # data loader processes per GPU; on the CPU, pictures are read between steps


def distill(config):
    """Distill the sharpener and write the complete model to <folder>/model.

    Then distill each of `config.variants`, the same settings with overrides (other seeds,
    ablations), into <folder>/variants/<name>/model.

    Raises:
        FramesMissingError: fewer frames were rendered than the config asks for.
        DatasetError: the folder of pictures cannot be used.
        DivergedError: the loss is not finite.
        StateError: an interrupted run had other settings, or its state is not shared by all
            processes.
    """
    folder = Path(config.folder)
    _distill(config, config.distill, folder / "distill", folder / "model")
    for name in config.variants:
        own = folder / "variants" / name
        _distill(config, config.variant(name), own / "distill", own / "model")


def _distill(config, settings, folder, into):
    accelerator = Accelerator(
        gradient_accumulation_steps=settings.accumulation,
        mixed_precision="bf16" if bfloat16_pays() else "no",
        cpu=device() == "cpu",
    )
    torch.manual_seed(settings.seed)  # for adapters and randomly initialized networks
    networks = load_networks(config)
    for part in (networks.pipeline.unet, networks.pipeline.vae):
        part.requires_grad_(False).to(accelerator.device)
    networks.estimator.to(accelerator.device)
    student, ema = _student_and_ema(networks, settings)
    trainable = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trainable, weight_decay=settings.weight_decay)
    pictures, batch_size = _pictures(config), settings.accumulation * accelerator.num_processes
    result_of = run_settings(config, settings, pictures=len(pictures), of_a_step=batch_size)
    state = State(folder, result_of, student=student, mean=ema, optimizer=optimizer)
    if len(set(gather_object([state.step]))) > 1:
        raise StateError(f"the machines see different states in {folder}: use a shared folder")

    factor = vae_factor(networks.pipeline.vae)
    draws = DistillDataset(pictures, settings.seed, config.processing_resolution, factor)
    data = load_draws(
        draws,
        state.step * batch_size,
        settings.steps * batch_size,
        WORKERS if accelerator.device.type == "cuda" else 0,
    )
    ready, optimizer, data = accelerator.prepare(student, optimizer, data)

    step, losses = state.step, []
    if accelerator.is_main_process:
        progress = Progress("distill", step, settings.steps, folder / "log.csv")
        validation = Validation(config, folder, step, settings)
        engine = _engine(networks, ema, config.processing_resolution)
    reset_peak_memory(accelerator.device.type)
    for number, picture, intrinsics in data:
        with accelerator.accumulate(ready):
            peak = settings.learning_rate * batch_size
            rate = set_learning_rate(optimizer, step, settings.steps, peak, settings.warmup)
            result = _losses(
                accelerator, networks, ready, ema, picture, intrinsics, number, settings
            )
            if not result.loss.isfinite():
                raise DivergedError(f"the loss is {result.loss.item()} at draw {number}")
            accelerator.backward(result.loss)
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(trainable, 1.0)
            optimizer.step()
            optimizer.zero_grad()
        losses.append((result.score.item(), result.reconstruction.item()))
        if not accelerator.sync_gradients:
            continue
        update_ema(ema, student, settings.average, step)
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
        print(f"distill: peak memory {memory:.1f} GiB on {accelerator.device.type}")
        merge_adapters(ema)
        export_model(networks, ema, config.processing_resolution, into)
    accelerator.wait_for_everyone()


def _engine(networks, ema, resolution):
    """Wrap the current sharpener in the inference engine."""
    trained = networks.pipeline
    pipeline = SharpDepthPipeline(
        trained.vae, ema, trained.scheduler, trained.empty_prompt, resolution
    )
    return SharpDepth("in training", pipeline, lambda: networks.estimator)


def _pictures(config):
    if config.distill.pictures:
        return open_dataset("pictures", config.distill.pictures)
    frames, count = Path(config.folder) / "frames", config.render.distill
    check_frames(frames, "distill", count)
    return Subset(open_dataset("rendered", frames / "distill"), range(count))


def _student_and_ema(networks, settings):
    """Return two copies of f_G: the student and its EMA."""
    teacher = networks.pipeline.unet
    student = deepcopy(teacher)
    if settings.lora_rank:
        teacher.to(torch.bfloat16)  # like the student's frozen weights, to save memory
        add_adapters(student, settings.lora_rank)
    else:
        student.requires_grad_(True)
    ema = deepcopy(student).requires_grad_(False)
    if settings.gradient_checkpointing:
        student.enable_gradient_checkpointing()
        networks.pipeline.vae.enable_gradient_checkpointing()
    return student, ema


def _losses(accelerator, networks, student, ema, picture, intrinsics, number, settings):
    """Compute the losses for one draw; its noise is seeded by its number."""
    pipeline, rng = networks.pipeline, step_rng(settings.seed, number, 1)
    factor = vae_factor(pipeline.vae)
    height, width = picture.shape[2:]
    blank = torch.empty(
        1, pipeline.vae.config.latent_channels, height // factor, width // factor,
        device=picture.device,
    )  # fmt: skip
    noises = [noise_like(blank, rng) for _ in range(3)]
    gated = rng.random() < settings.gated_share
    with torch.no_grad():  # and in full precision, as the engine runs f_D
        depth = _metric_depth(networks.estimator, picture, intrinsics)
    with accelerator.autocast():
        return distillation_step(
            student,
            ema,
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
    answer = estimator.predict((255 * picture).round(), intrinsics)
    depth = answer.depth.float()
    return depth if answer.sky is None else bring_sky_near(depth, answer.sky)
