"""Convolutions of UniDepth V2's decoder."""

import torch
import torch.nn.functional as F
from torch import nn


class Residual(nn.Module):
    """Residual block: two 3x3 convolutions and a skip connection."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.gamma = nn.Parameter(torch.ones(1, width, 1, 1))

    def forward(self, features):
        """A map of the same shape, (B, width, h, w)."""
        inner = self.conv1(F.leaky_relu(features))
        return features + self.gamma * self.conv2(F.leaky_relu(inner))


class Upsample(nn.Module):
    """Residual units, then other channels at double the size."""

    def __init__(self, width: int, width_out: int, depth: int):
        super().__init__()
        self.convs = nn.Sequential(*(Residual(width) for _ in range(depth)))
        self.up = nn.Sequential(
            nn.Conv2d(width, width_out, 1), nn.Upsample(scale_factor=2, mode="bilinear")
        )

    def forward(self, features):
        """A map (B, width, h, w) to (B, width_out, 2 h, 2 w)."""
        return self.up(self.convs(features))
