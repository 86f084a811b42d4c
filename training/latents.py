"""Latents of a split, encoded once in advance because the autoencoder is frozen."""

import torch

from sharpdepth_blender.engine.method import encode, normalize

from .frames import collate, mirrored, vary_colors
from .loop import autocast, device, step_rng
from .progress import Progress

CHUNK = 12  # frames encoded at once


@torch.no_grad()
def encode_frames(
    vae, frames, variants: int, seed: int, space: str = "linear"
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Encode all frames, plain and mirrored, each with `variants` color jitters.

    Returns:
        For each frame size: picture latents (n, 2 * variants, 4, h, w), the second half of the
        variants mirrored, and depth latents (n, 2, 4, h, w), plain and mirrored.
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
            sides = [batch.to(device()), mirrored(batch).to(device())]
            with autocast():
                pictures.append(
                    torch.stack(
                        [
                            encode(vae, 2 * vary_colors(side.rgb, rng) - 1)
                            for side in sides
                            for _ in range(variants)
                        ],
                        dim=1,
                    ).float()
                )
                depths.append(
                    torch.stack(
                        [encode(vae, normalize(side.depth, space)) for side in sides], dim=1
                    ).float()
                )
            progress.show(step)
            step += 1
        encoded.append((torch.cat(pictures), torch.cat(depths)))
    return encoded


def draw_latents(encoded, size: int, rng) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw picture and depth latents (size, 4, h, w) from frames of one size."""
    counts = [len(depths) for _, depths in encoded]
    pictures, depths = encoded[rng.choice(len(encoded), p=[n / sum(counts) for n in counts])]
    frame, variant = (rng.integers(n, size=size) for n in pictures.shape[:2])
    half = pictures.shape[1] // 2
    return pictures[frame, variant], depths[frame, variant // half]
