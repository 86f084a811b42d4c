"""Convolutions of UniDepth V1's decoder."""

import torch
import torch.nn.functional as F
from torch import nn

from .layers import map_to_tokens


class ConvNeXtBlock(nn.Module):
    """ConvNeXt block: depthwise 7x7, norm, MLP, skip connection (Liu et al., CVPR 2022)."""

    def __init__(self, width: int):
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, features):
        """A map of the same shape, (B, width, h, w)."""
        inner = self.norm(self.dwconv(features).movedim(1, -1))
        inner = self.gamma * self.pwconv2(F.gelu(self.pwconv1(inner)))
        return features + inner.movedim(-1, 1)


class Upsample(nn.Module):
    """Two ConvNeXt blocks, then half the channels at double the size."""

    def __init__(self, width: int):
        super().__init__()
        self.convs = nn.Sequential(ConvNeXtBlock(width), ConvNeXtBlock(width))
        self.up = nn.Sequential(
            nn.Conv2d(width, width // 2, 1),
            nn.UpsamplingBilinear2d(scale_factor=2),  # corners aligned
            nn.Conv2d(width // 2, width // 2, 3, padding=1),
        )

    def forward(self, features):
        """A map (B, width, h, w) to tokens (B, 2 h * 2 w, width / 2)."""
        return map_to_tokens(self.up(self.convs(features)))
