"""Sinusoidal embeddings of positions and rays."""

from math import log2, pi

import torch


def position_sines(height: int, width: int, channels: int, device) -> torch.Tensor:
    """Embed the position of each token of a map, (1, height * width, channels) float32, row-major.

    Half of the channels encode the row, half the column. In each half, channels 2 j and 2 j + 1 are
    sine and cosine of `2 pi (i + 1) / size / 10000^(2 j / half)` (after Vaswani et al., arXiv
    1706.03762).
    """
    half = channels // 2
    divisors = 10000 ** (torch.arange(0, half, 2, device=device) / half)

    def along(size):
        place = 2 * pi * torch.arange(1, size + 1, device=device) / (size + 1e-6)
        angles = place[:, None] / divisors
        return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)

    rows = along(height)[:, None].expand(-1, width, -1)
    columns = along(width).expand(height, -1, -1)
    return torch.cat([rows, columns], dim=-1).flatten(0, 1)[None]


def ray_sines(rays: torch.Tensor, channels: int) -> torch.Tensor:
    """Embed the direction of each ray, (1, h * w, channels) float32, row-major.

    Half of the channels are sines of the angle to the optical axis, half of the azimuth, with
    frequencies up to half the longer side of the map. Near the axis the highest frequencies need
    the full precision of float32.

    Args:
        rays: Unit rays, (1, 3, h, w) float32.
        channels: Channels per token.
    """
    x, y, z = rays.flatten(2).unbind(1)
    # x is near zero for the center column; this keeps the angle there from jumping.
    x = torch.where(x >= 0, 1.0, -1.0) * x.abs().clamp(min=1e-3)
    angles = torch.stack([z.clamp(-1, 1).acos(), torch.atan2(y, x)], dim=-1)
    return sines(angles, channels, max(rays.shape[2:]) // 2)


def sines(values: torch.Tensor, channels: int, highest: float) -> torch.Tensor:
    """Return `sin(pi v s)` of each value, with s log-spaced from 1 to `highest`.

    Args:
        values: (B, n, count).
        channels: Total number of channels.
        highest: The last s.

    Returns:
        (B, n, channels), all frequencies of the first value before those of the next.
    """
    count = values.shape[-1]
    exponents = torch.linspace(0, log2(highest), channels // count, device=values.device)
    return (pi * values[..., None] * 2**exponents).sin().flatten(2)
