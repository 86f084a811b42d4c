"""Training samples for distillation: a picture, its intrinsics and the draw number."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Subset

from sharpdepth_blender.engine.grid import Grid
from sharpdepth_blender.geometry import Intrinsics

from .datasets import Picture
from .frames import vary_colors
from .loop import step_rng


class DistillDataset(Dataset):
    """Numbered draws that visit every picture once per epoch, shuffled anew each epoch.

    A draw depends only on the seed and its number, so a resumed run continues exactly, and several
    processes that split the draws compute what a single one would.

    Args:
        pictures: At least one.
        seed: Seed for all randomness.
        resolution: Longer side of the pictures, pixels.
        multiple: Both sides are padded to a multiple of this, pixels.
    """

    def __init__(self, pictures: Sequence[Picture], seed: int, resolution: int, multiple: int):
        self.pictures, self.seed = pictures, seed
        self.resolution, self.multiple = resolution, multiple

    def __getitem__(self, number: int) -> tuple[int, torch.Tensor, Intrinsics | None]:
        """Return `number`, the picture (1, 3, h, w) in 0..1 and its intrinsics if known.

        Half of the pictures are mirrored, and all are color-jittered.
        """
        epoch, place = divmod(number, len(self.pictures))
        order = np.random.default_rng([self.seed, 0, epoch]).permutation(len(self.pictures))
        chosen = self.pictures[order[place]]
        picture = torch.from_numpy(chosen.rgb).permute(2, 0, 1)[None].float() / 255
        grid = Grid.fit(*picture.shape[2:], self.resolution, self.multiple)
        picture = grid.resize(picture).clamp(0, 1)
        intrinsics = chosen.intrinsics and grid.resize_intrinsics(
            Intrinsics(*chosen.intrinsics, grid.width, grid.height)
        )
        rng = step_rng(self.seed, number)
        if rng.random() < 0.5:
            picture = picture.flip(3)
            if intrinsics:
                intrinsics = replace(intrinsics, cx=intrinsics.width - intrinsics.cx)
        return number, vary_colors(picture, rng), intrinsics


def load_draws(draws: DistillDataset, first: int, last: int, workers: int) -> DataLoader:
    """Return a loader for the draws `first` to `last` (exclusive), one at a time."""
    share = Subset(draws, range(first, last))
    return DataLoader(share, collate_fn=_single, num_workers=workers)


def _single(items):
    return items[0]
