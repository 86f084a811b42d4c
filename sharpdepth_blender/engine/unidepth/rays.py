"""Camera rays as directions, resized, and the intrinsics that a network finds."""

import torch
import torch.nn.functional as F

from ...geometry import Intrinsics
from ..errors import EngineError
from ..rays import slopes


def found_intrinsics(fx, fy, cx, cy, width: int, height: int) -> Intrinsics:
    """Return intrinsics estimated by a network.

    Raises:
        EngineError: `bad_depth`, if they are invalid, as after an overflow.
    """
    try:
        return Intrinsics(fx, fy, cx, cy, width, height)
    except ValueError as error:
        raise EngineError(
            "bad_depth",
            "UniDepth estimated impossible focal lengths; specify the camera.",
        ) from error


def unit_rays(intrinsics: Intrinsics, device) -> torch.Tensor:
    """Return unit rays through the pixel centers, (1, 3, height, width) float32.

    Axes: x right, y down, z forward.
    """
    across_down = slopes(intrinsics, device)
    return F.normalize(torch.cat([across_down, torch.ones_like(across_down[:, :1])], dim=1), dim=1)


def resize_rays(rays: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Resize rays (1, 3, h, w), antialiased, and normalize them again."""
    if rays.shape[2:] != (height, width):
        rays = F.interpolate(rays, (height, width), mode="bilinear", antialias=True)
    return F.normalize(rays, dim=1, eps=1e-4)
