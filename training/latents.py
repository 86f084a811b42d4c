"""Latents of a split, encoded once in advance because the autoencoder is frozen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from sharpdepth_blender.engine.method import encode, normalize
from sharpdepth_blender.files import atomic_write

from .frames import collate, mirrored, vary_colors
from .loop import autocast, device, step_rng
from .progress import Progress

CHUNK = 12  # frames encoded at once


def kept_latents(path: Path, told: dict, encoded: Callable[[], list]) -> list:
    """Return the latents kept in a file; if it was not written for `told`, make and keep them.

    Args:
        path: A .safetensors file.
        told: Everything that determines the latents, by name.
        encoded: Makes them, as `encode_frames` returns them.
    """
    told = {name: str(value) for name, value in told.items()}
    try:
        with safe_open(path, "pt") as file:
            if file.metadata() == told:
                names = sorted({name.partition(".")[0] for name in file.keys()})  # noqa: SIM118
                return [
                    (file.get_tensor(f"{name}.pictures"), file.get_tensor(f"{name}.depths"))
                    for name in names
                ]
    except (FileNotFoundError, SafetensorError):
        pass  # not there yet, or cut off
    groups = encoded()
    tensors = {}
    for index, (pictures, depths) in enumerate(groups):
        tensors |= {f"{index}.pictures": pictures.cpu(), f"{index}.depths": depths.cpu()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as beside:
        save_file(tensors, beside, told)
    return groups


@torch.no_grad()
def encode_frames(
    vae,
    frames,
    variants: int,
    seed: int,
    space: str = "linear",
    vary: Callable[[torch.Tensor, np.random.Generator], torch.Tensor] = vary_colors,
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Encode all frames, plain and mirrored, each with `variants` variations of its colors.

    Returns:
        For each frame size: picture latents (n, 2 * variants, 4, h, w), the second half of the
        variants mirrored, and depth latents (n, 2, 4, h, w), plain and mirrored; float16.
    """
    groups = {}
    for frame in frames:
        groups.setdefault(frame.depth.shape, []).append(frame)
    progress = Progress("encode", 0, sum(-(-len(group) // CHUNK) for group in groups.values()))
    encoded, step = [], 0
    for group in groups.values():
        pictures, depths = [], []
        for start in range(0, len(group), CHUNK):
            rng = step_rng(seed, step)
            batch = collate(group[start : start + CHUNK])
            sides = [batch, mirrored(batch)]
            varied = [_varied(side.rgb, vary, rng) for side in sides for _ in range(variants)]
            normalized = [normalize(side.depth, space) for side in sides]
            with autocast():
                pictures.append(_encoded(vae, [2 * rgb - 1 for rgb in varied]))
                depths.append(_encoded(vae, normalized))
            progress.show(step)
            step += 1
        encoded.append((torch.cat(pictures), torch.cat(depths)))
    return encoded


def _encoded(vae, pictures):
    """Encode alternatives of a batch, to (B, alternatives, 4, h, w)."""
    return torch.stack([encode(vae, each.to(device())) for each in pictures], dim=1).half()


def _varied(rgb, vary, rng):
    """Vary each picture on its own."""
    return torch.cat([vary(rgb[i : i + 1], rng) for i in range(len(rgb))])


def draw_latents(encoded, size: int, rng) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw picture and depth latents (size, 4, h, w) from frames of one size."""
    counts = [len(depths) for _, depths in encoded]
    pictures, depths = encoded[rng.choice(len(encoded), p=[n / sum(counts) for n in counts])]
    frame, variant = (rng.integers(n, size=size) for n in pictures.shape[:2])
    half = pictures.shape[1] // 2
    drawn = pictures[frame, variant], depths[frame, variant // half]
    return drawn[0].to(device()).float(), drawn[1].to(device()).float()
