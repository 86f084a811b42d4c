"""Stage `evaluate`: measure f_D, f_G aligned to f_D, and the sharpener on unseen scenes."""

import json
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from sharpdepth_blender.engine import SharpDepth
from sharpdepth_blender.engine.method import decode_depth, encode, last_timestep, look, normalise

from .contact_sheet import write_contact_sheet
from .diffusion import empty_prompt, noise_schedule
from .frames import collate, load_frames
from .loop import ProgressLine, device, load_model, noise_like, step_rng
from .metrics import (
    absolute_relative,
    bootstrap_interval,
    boundary_scores,
    delta1,
    fit_scale_and_shift,
)

NEAREST = 0.05  # metres: what an alignment puts nearer than this is taken as this
SHOWN = 8  # frames on the contact sheet


@torch.no_grad()
def evaluate(config):
    """Write the table to <folder>/evaluation.json and a contact sheet beside it."""
    folder = Path(config.folder)
    split = config.evaluate.split
    frames = load_frames(folder / "frames", split, getattr(config.render, split))
    engine = SharpDepth.load(folder / "model", device=device())
    vae = load_model(AutoencoderKL, folder / "vae" / "model")
    teacher = load_model(UNet2DConditionModel, folder / "diffusion" / "model")

    rows, shown = {}, []
    progress = ProgressLine("evaluate", 0, len(frames))
    for step, frame in enumerate(frames):
        result = engine.infer(frame.rgb, intrinsics=frame.intrinsics, seed=config.seed)
        relative = _first_guess(vae, teacher, frame, config.seed)
        ceiling = _through_vae(vae, frame)
        maps = {
            "f_D": result.metric_depth,
            "f_G aligned to f_D": fit_scale_and_shift(relative, result.metric_depth),
            "sharpener": result.depth,
            "f_G aligned to the truth": fit_scale_and_shift(relative, frame.depth),
            "autoencoder on the truth": fit_scale_and_shift(ceiling, frame.depth),
        }
        for name, depth in maps.items():
            measured = _measure(np.maximum(depth, NEAREST), frame.depth)
            rows.setdefault(name, []).append({"seed": frame.seed, **measured})
        if step < SHOWN:
            shown.append((frame, result))
        progress.show(step)

    table = {name: _summary(row, config.seed) for name, row in rows.items()}
    report = {"split": split, "frames": len(frames), "table": table, "by_scene": rows}
    (folder / "evaluation.json").write_text(json.dumps(report, indent=1))
    write_contact_sheet(folder / "contact_sheet.png", shown)
    _print_table(table)


def _first_guess(vae, teacher, frame, seed) -> np.ndarray:
    """Relative depth of f_G from pure noise, (H, W)."""
    picture_latent = encode(vae, 2 * collate([frame]).to(device()).rgb - 1)
    noise = noise_like(picture_latent, step_rng(seed, frame.seed))
    timestep = last_timestep(noise_schedule())
    latent = look(teacher, picture_latent, noise, timestep, empty_prompt(seed))
    return decode_depth(vae, latent)[0, 0].cpu().numpy()


def _through_vae(vae, frame) -> np.ndarray:
    """The true depth encoded and decoded again: the best that any latent could give."""
    truth = normalise(collate([frame]).to(device()).depth)
    return decode_depth(vae, encode(vae, truth))[0, 0].cpu().numpy()


def _measure(depth, truth) -> dict[str, float]:
    boundary = {f"boundary_{k}": v for k, v in boundary_scores(depth, truth).items()}
    relative = absolute_relative(depth, truth)
    return {"abs_rel": relative, "delta1": delta1(depth, truth), **boundary}


def _summary(rows, seed) -> dict:
    """Mean of every measure over the scenes, with its bootstrap interval."""
    summary = {}
    for name in rows[0]:
        if name != "seed":
            values = [row[name] for row in rows]
            low, high = bootstrap_interval(values, seed)
            summary[name] = {"mean": float(np.nanmean(values)), "low": low, "high": high}
    return summary


def _print_table(table):
    names = list(next(iter(table.values())))
    print(f"{'':26}" + "".join(f"{name:>20}" for name in names))
    for row, measures in table.items():
        print(f"{row:26}" + "".join(f"{measures[name]['mean']:20.3f}" for name in names))
