"""A mirrored border around the picture while the sharpener looks at it.

The outermost 16 or so of the 256 pixels that the networks see roll up: their convolutions find
nothing beyond them. With a border that is cut off again, this happens outside the picture.
"""

from math import ceil

import numpy as np
import torch

SHARE = 1 / 16  # of the longer side; twice as much changes nothing that can be measured


def border_width(height: int, width: int, factor: int) -> int:
    """Pixels on each side for a map of (height, width), a multiple of the VAE's factor."""
    return factor * ceil(max(height, width) * SHARE / factor)


def add_border(image: torch.Tensor, width: int) -> torch.Tensor:
    """Mirror (..., h, w) about its outermost pixels, again and again where it is smaller."""
    rows, columns = (
        torch.from_numpy(np.pad(np.arange(side), width, mode="reflect")).to(image.device)
        for side in image.shape[-2:]
    )
    return image[..., rows, :][..., columns]


def cut_border(image: torch.Tensor, width: int) -> torch.Tensor:
    """What `add_border` was given, of (..., h + 2 width, w + 2 width)."""
    height, across = image.shape[-2:]
    return image[..., width : height - width, width : across - width]
