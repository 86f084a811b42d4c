"""Blocks that the autoencoder and the U-Net have in common."""

import torch
import torch.nn.functional as F
from torch import nn


def activate(norm: nn.GroupNorm, features: torch.Tensor) -> torch.Tensor:
    """Normalize features and apply SiLU, in place where no gradient needs what was before."""
    return F.silu(norm(features), inplace=not torch.is_grad_enabled())


class Residual(nn.Module):
    """Two 3x3 convolutions and a skip connection.

    Args:
        seen: Channels of the input.
        width: Channels of the output.
        groups: Of the normalization.
        epsilon: Of the normalization.
        time: Features of the embedding that is added between the two; None without.
    """

    def __init__(self, seen: int, width: int, groups: int, epsilon: float, time: int | None = None):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, seen, epsilon)
        self.conv1 = nn.Conv2d(seen, width, 3, padding=1)
        if time is not None:
            self.time_emb_proj = nn.Linear(time, width)
        self.norm2 = nn.GroupNorm(groups, width, epsilon)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        if seen != width:
            self.conv_shortcut = nn.Conv2d(seen, width, 1)

    def forward(self, features: torch.Tensor, time: torch.Tensor | None = None) -> torch.Tensor:
        """Features, (B, seen, h, w), to (B, width, h, w)."""
        inside = self.conv1(activate(self.norm1, features))
        if time is not None:
            inside = inside + self.time_emb_proj(F.silu(time))[:, :, None, None]
        normal = activate(self.norm2, inside)
        del inside  # as large as a picture in the autoencoder
        inside = self.conv2(normal)
        del normal
        skipped = self.conv_shortcut(features) if hasattr(self, "conv_shortcut") else features
        return skipped + inside if torch.is_grad_enabled() else inside.add_(skipped)


class Attention(nn.Module):
    """Attention of tokens to each other, or to a context.

    Args:
        width: Features of a token.
        heads: Number of heads.
        context: Features of a token of the context; None for the tokens themselves.
        bias: Whether queries, keys and values have one.
    """

    def __init__(self, width: int, heads: int, context: int | None = None, bias: bool = False):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias)
        self.to_k = nn.Linear(context or width, width, bias)
        self.to_v = nn.Linear(context or width, width, bias)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, tokens: torch.Tensor, context: torch.Tensor | None = None) -> torch.Tensor:
        """Tokens, (B, count, width), likewise."""
        context = tokens if context is None else context
        three = self.to_q(tokens), self.to_k(context), self.to_v(context)
        attended = F.scaled_dot_product_attention(
            *(each.unflatten(2, (self.heads, -1)).transpose(1, 2) for each in three)
        )
        return self.to_out[0](attended.transpose(1, 2).flatten(2))


class Upsample(nn.Module):
    """Doubles the size by repetition, then a 3x3 convolution.

    Args:
        width: Channels.
    """

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, features: torch.Tensor, size: torch.Size | None = None) -> torch.Tensor:
        """Features, (B, width, h, w), at twice their size, or one less where `size` says so."""
        height, width = (2 * side for side in features.shape[2:])
        if size is not None and tuple(size) != (height, width):
            return self.conv(F.interpolate(features, tuple(size)))
        # The repeated pixels share their weights: of every two by two pixels, each is a 2x2
        # convolution of the smaller features, which is 4/9 of the work.
        wide = F.pad(features, (1, 1, 1, 1))
        enlarged = features.new_empty(len(features), self.conv.out_channels, height, width)
        if features.is_contiguous(memory_format=torch.channels_last):
            enlarged = enlarged.contiguous(memory_format=torch.channels_last)
        for down in (0, 1):
            rows = _shared(self.conv.weight, 2, down)
            for across in (0, 1):
                weight = _shared(rows, 3, across)
                seen = wide[:, :, down : down + height // 2 + 1, across : across + width // 2 + 1]
                enlarged[:, :, down::2, across::2] = F.conv2d(seen, weight, self.conv.bias)
        return enlarged


def _shared(weight: torch.Tensor, axis: int, odd: int) -> torch.Tensor:
    """Add those two of three weights along an axis that meet the same pixel."""
    first, middle, last = weight.split(1, axis)
    return torch.cat([first + middle, last] if odd else [first, middle + last], axis)
