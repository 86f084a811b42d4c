"""What distillation sees at each draw: a picture, its camera, and the number of the draw."""

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
    """Draws of pictures, each picture once an epoch in an order of the epoch's own.

    A draw follows from the seed and its number alone, so a run goes on at any draw as if it had
    never stopped, and processes that share the draws do together what one would do alone.

    Args:
        pictures: At least one.
        seed: Of everything that is drawn.
        resolution: Longer side of the pictures, pixels.
        multiple: Of pixels, which both sides are padded to.
    """

    def __init__(self, pictures: Sequence[Picture], seed: int, resolution: int, multiple: int):
        self.pictures, self.seed = pictures, seed
        self.resolution, self.multiple = resolution, multiple

    def __getitem__(self, number: int) -> tuple[int, torch.Tensor, Intrinsics | None]:
        """Return `number`, the picture (1, 3, h, w) in 0..1, and its intrinsics where known.

        Half of the pictures are mirrored, and their colors vary.
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
    """Return a loader of the draws from `first` up to, not including, `last`, one at a time."""
    share = Subset(draws, range(first, last))
    return DataLoader(share, collate_fn=_single, num_workers=workers)


def _single(items):
    return items[0]
