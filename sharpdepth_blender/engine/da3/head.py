"""The head: features of four blocks, fused from coarse to fine into depth and sky."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn


class ResidualUnit(nn.Module):
    """Two convolutions beside the identity, each after a ReLU."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, width, h, w) to the same shape."""
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


class Fusion(nn.Module):
    """Adds a finer level to what comes from the coarser ones, and enlarges the sum.

    Args:
        width: Channels.
        is_coarsest: Whether nothing coarser is there to add to.
    """

    def __init__(self, width: int, is_coarsest: bool):
        super().__init__()
        if not is_coarsest:
            self.resConfUnit1 = ResidualUnit(width)
        self.resConfUnit2 = ResidualUnit(width)
        self.out_conv = nn.Conv2d(width, width, 1)

    def forward(
        self, coarser: torch.Tensor | None, level: torch.Tensor, size: Sequence[int]
    ) -> torch.Tensor:
        """Return (B, width, *size)."""
        x = level if coarser is None else coarser + self.resConfUnit1(level)
        return self.out_conv(_enlarged(self.resConfUnit2(x), size))


class Head(nn.Module):
    """Depth and sky of four maps of patch features.

    Args:
        width: Channels of the features.
        widths: Channels of each level, the finest first.
        fused: Channels of the fused levels.
    """

    def __init__(self, width: int, widths: Sequence[int], fused: int):
        super().__init__()
        self.projects = nn.ModuleList(nn.Conv2d(width, each, 1) for each in widths)
        self.resize_layers = nn.ModuleList(
            [
                nn.ConvTranspose2d(widths[0], widths[0], 4, stride=4),
                nn.ConvTranspose2d(widths[1], widths[1], 2, stride=2),
                nn.Identity(),
                nn.Conv2d(widths[3], widths[3], 3, stride=2, padding=1),
            ]
        )
        self.scratch = scratch = nn.Module()
        for number, each in enumerate(widths, 1):
            level = nn.Conv2d(each, fused, 3, padding=1, bias=False)
            scratch.add_module(f"layer{number}_rn", level)
            scratch.add_module(f"refinenet{number}", Fusion(fused, number == len(widths)))
        scratch.output_conv1 = nn.Conv2d(fused, fused // 2, 3, padding=1)
        scratch.output_conv2 = _last(fused // 2)
        scratch.sky_output_conv2 = _last(fused // 2)

    def forward(
        self, maps: Sequence[torch.Tensor], size: Sequence[int]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Run the head.

        Args:
            maps: Four of (B, width, h, w).
            size: (height, width) of the answer.

        Returns:
            Depth before its exponential and sky before its ReLU, (B, 1, *size).
        """
        levels = [
            getattr(self.scratch, f"layer{number}_rn")(resize(project(each)))
            for number, (each, project, resize) in enumerate(
                zip(maps, self.projects, self.resize_layers, strict=True), 1
            )
        ]
        sizes = [tuple(2 * side for side in levels[0].shape[2:])]
        sizes += [tuple(level.shape[2:]) for level in levels[:-1]]
        x = None
        for number in reversed(range(len(levels))):
            fuse = getattr(self.scratch, f"refinenet{number + 1}")
            x = fuse(x, levels[number], sizes[number])
        x = _enlarged(self.scratch.output_conv1(x), size)
        return self.scratch.output_conv2(x), self.scratch.sky_output_conv2(x)


def _last(width: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(width, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 1, 1))


def _enlarged(x: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    return F.interpolate(x, tuple(size), mode="bilinear", align_corners=True)
