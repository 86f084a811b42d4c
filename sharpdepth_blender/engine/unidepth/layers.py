"""Basic layers of UniDepth."""

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import nn


class MLP(nn.Module):
    """Norm, widening, GELU, projection; no residual."""

    def __init__(self, width: int, expansion: int, width_out: int | None = None):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.proj1 = nn.Linear(width, expansion * width)
        self.proj2 = nn.Linear(expansion * width, width_out or width)

    def forward(self, tokens):
        """Tokens (..., width) to (..., width_out)."""
        return self.proj2(F.gelu(self.proj1(self.norm(tokens))))


class LayerScale(nn.Module):
    """One learned scale per channel."""

    def __init__(self, width: int):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, tokens):
        """Tokens (..., width) of the same shape."""
        return self.gamma * tokens


class Adapters(nn.Module):
    """A separate layer for each of several inputs."""

    def __init__(self, layers: Iterable[nn.Module]):
        super().__init__()
        self.input_adapters = nn.ModuleList(layers)

    def forward(self, inputs):
        """Return one output per input, in order."""
        return [adapt(each) for adapt, each in zip(self.input_adapters, inputs, strict=True)]


class LastConv2d(nn.Conv2d):
    """A convolution computed in float32 whatever the dtype of its weights.

    Its output is log depth: rounded to bfloat16, a smooth wall would become terraces of about one
    percent each.
    """

    def forward(self, features):
        """A map (B, C, h, w) in float32."""
        return self._conv_forward(features.float(), self.weight.float(), self.bias.float())


def tokens_to_map(tokens: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Row-major tokens (B, height * width, C) as a map (B, C, height, width)."""
    return tokens.transpose(1, 2).unflatten(2, (height, width))


def map_to_tokens(features: torch.Tensor) -> torch.Tensor:
    """A map (B, C, h, w) as row-major tokens (B, h * w, C)."""
    return features.flatten(2).transpose(1, 2)
