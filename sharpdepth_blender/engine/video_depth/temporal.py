"""Attention over the frames of a window, at each place of a map by itself."""

from math import log

import torch
import torch.nn.functional as F
from torch import nn

_HEADS = 8
_GROUPS = 32  # of the normalization before it


class Attention(nn.Module):
    """Self-attention over frames, to which their places in the window are added."""

    def __init__(self, width: int):
        super().__init__()
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (places, frames, width) to the same shape."""
        x = x + frame_positions(x.shape[1], x.shape[2]).to(x)
        q, k, v = (
            project(x).unflatten(2, (_HEADS, -1)).transpose(1, 2)
            for project in (self.to_q, self.to_k, self.to_v)
        )
        mixed = F.scaled_dot_product_attention(q, k, v)
        return self.to_out[0](mixed.transpose(1, 2).flatten(2))


class GatedLinear(nn.Module):
    """GEGLU: one half of a linear layer, gated by the GELU of the other (arXiv 2002.05202)."""

    def __init__(self, width: int, inner: int):
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (..., width) to (..., inner)."""
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    """Two layers, four times as wide inside."""

    def __init__(self, width: int):
        super().__init__()
        # Its middle stands for the dropout of the training, as the names of the tensors count it.
        self.net = nn.ModuleList(
            [GatedLinear(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width)]
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (..., width) to the same shape."""
        return self.net[2](self.net[0](x))


class Block(nn.Module):
    """Two attentions and a feed-forward, each beside the identity."""

    def __init__(self, width: int):
        super().__init__()
        self.attention_blocks = nn.ModuleList(Attention(width) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.ff = FeedForward(width)
        self.ff_norm = nn.LayerNorm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (places, frames, width) to the same shape."""
        for attention, norm in zip(self.attention_blocks, self.norms, strict=True):
            x = x + attention(norm(x))
        return x + self.ff(self.ff_norm(x))


class Transformer(nn.Module):
    """Attention over the frames, beside the identity."""

    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.GroupNorm(_GROUPS, width, eps=1e-6)
        self.proj_in = nn.Linear(width, width)
        self.transformer_blocks = nn.ModuleList([Block(width)])
        self.proj_out = nn.Linear(width, width)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Map those of a window, (frames, width, h, w), to the same shape."""
        size = maps.shape[2:]
        x = self.proj_in(self.norm(maps).flatten(2).permute(2, 0, 1))
        x = self.proj_out(self.transformer_blocks[0](x))
        return maps + x.permute(1, 2, 0).unflatten(2, size)


class TemporalModule(nn.Module):
    """A `Transformer`, under the name that it has in the checkpoints."""

    def __init__(self, width: int):
        super().__init__()
        self.temporal_transformer = Transformer(width)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """See `Transformer.forward`."""
        return self.temporal_transformer(maps)


def frame_positions(frames: int, width: int) -> torch.Tensor:
    """Sine and cosine of each frame's place in turn, (frames, width), by falling frequencies."""
    place = torch.arange(frames)[:, None]
    angle = place * torch.exp(torch.arange(0, width, 2) * (-log(10000.0) / width))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)
