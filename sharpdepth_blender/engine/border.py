"""Mirrored border around the picture during sharpening.

Depth curls up in the outermost 16 or so of the 256 pixels of the network input, because the
convolutions see zero padding there. A border that is cropped afterwards moves this outside.
"""

from math import ceil

import numpy as np
import torch

SHARE = 1 / 16  # of the longer side; twice as much makes no measurable difference


def border_width(height: int, width: int, factor: int) -> int:
    """Return the border in pixels for a map of (height, width), a multiple of the VAE factor."""
    return factor * ceil(max(height, width) * SHARE / factor)


def add_border(image: torch.Tensor, width: int) -> torch.Tensor:
    """Pad (..., h, w) by reflection, repeated if the image is smaller than the border."""
    rows, columns = (
        torch.from_numpy(np.pad(np.arange(side), width, mode="reflect")).to(image.device)
        for side in image.shape[-2:]
    )
    return image[..., rows, :][..., columns]


def cut_border(image: torch.Tensor, width: int) -> torch.Tensor:
    """Undo `add_border`: crop (..., h + 2 width, w + 2 width) to (..., h, w)."""
    height, across = image.shape[-2:]
    return image[..., width : height - width, width : across - width]
