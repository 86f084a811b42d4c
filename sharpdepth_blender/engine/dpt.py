"""The head of DPT (Ranftl et al., arXiv 2103.13413), as Depth Anything and its kin have it."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .dinov2 import VisionTransformer


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
        return self.out_conv(enlarged(self.resConfUnit2(x), size))


@dataclass(frozen=True)
class Sizes:
    """Sizes of a network on DINOv2 with such a head.

    Attributes:
        backbone: Its backbone.
        taken: Blocks whose features are used, counted from 0.
        widths: Channels of the levels of the head, the finest first.
        fused: Channels of the fused levels.
    """

    backbone: VisionTransformer
    taken: Sequence[int]
    widths: Sequence[int]
    fused: int


class Pyramid(nn.Module):
    """Four maps of patch features, brought to four scales and fused from coarse to fine.

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
        self.scratch = nn.Module()
        for number, each in enumerate(widths, 1):
            level = nn.Conv2d(each, fused, 3, padding=1, bias=False)
            self.scratch.add_module(f"layer{number}_rn", level)
            self.scratch.add_module(f"refinenet{number}", Fusion(fused, number == len(widths)))
        self.scratch.output_conv1 = nn.Conv2d(fused, fused // 2, 3, padding=1)

    def level(self, number: int, features: torch.Tensor) -> torch.Tensor:
        """Bring features (B, width, h, w) to the scale of a level, 0 the finest."""
        return self.resize_layers[number](self.projects[number](features))

    def narrow(self, number: int, level: torch.Tensor) -> torch.Tensor:
        """Map a level to the channels of the fused ones."""
        return getattr(self.scratch, f"layer{number + 1}_rn")(level)

    def fuse(
        self, number: int, coarser: torch.Tensor | None, narrowed: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        """Add a narrowed level to what comes from the coarser ones, at the next finer one's size.

        Args:
            number: Of the level, 0 the finest, which is enlarged twofold.
            coarser: Fused coarser levels; None for the coarsest.
            narrowed: All that are needed, by number.
        """
        level = narrowed[number]
        finer = narrowed[number - 1].shape[2:] if number else [2 * side for side in level.shape[2:]]
        return getattr(self.scratch, f"refinenet{number + 1}")(coarser, level, finer)


def last_layers(width: int) -> nn.Sequential:
    """The layers from features at full size to one channel."""
    return nn.Sequential(nn.Conv2d(width, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 1, 1))


def enlarged(x: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Resize (B, C, h, w) to (height, width), corner on corner."""
    return F.interpolate(x, tuple(size), mode="bilinear", align_corners=True)
