"""The sizes that the network was trained on, and resizing to them as OpenCV does it.

Released code resizes by OpenCV, in eight bits and in two steps. Its results are those of the exact
area mean and of the usual cubic convolution, within a gray level.
"""

import torch
import torch.nn.functional as F

from ..dinov2 import PATCH

LONGER = 504  # pixels of the longer side


def prepare(picture: torch.Tensor, longer: int = LONGER) -> torch.Tensor:
    """Resize a picture for the network.

    Args:
        picture: (1, 3, h, w), integers in 0..255.
        longer: Longer side of the result, a multiple of 14.

    Returns:
        (1, 3, h', w') float32, integers in 0..255; both sides are multiples of 14.
    """
    sides = picture.shape[2:]
    factor = longer / max(sides)
    near = [max(1, round(side * factor)) for side in sides]
    patches = [max(1, (side + PATCH // 2) // PATCH) for side in near]
    return _resized(_resized(picture.float(), near), [PATCH * count for count in patches])


def _resized(picture: torch.Tensor, size: list[int]) -> torch.Tensor:
    """Resize (1, 3, h, w) and round: cubic if a side grows, else by the mean of the area."""
    sides = list(picture.shape[2:])
    if sides == size:
        return picture
    if any(new > old for new, old in zip(size, sides, strict=True)):
        resized = F.interpolate(picture, size, mode="bicubic", align_corners=False)
    else:
        down, across = (_shares(old, new).to(picture) for old, new in zip(sides, size, strict=True))
        resized = down @ picture @ across.T
    return resized.round().clamp(0, 255)


def _shares(old: int, new: int) -> torch.Tensor:
    """How much of each old pixel is in each new one, (new, old)."""
    edges = torch.arange(new + 1, dtype=torch.float64) * old / new
    pixels = torch.arange(old, dtype=torch.float64)
    first = torch.maximum(edges[:-1, None], pixels)
    last = torch.minimum(edges[1:, None], pixels + 1)
    return ((last - first).clamp(min=0) * new / old).float()
