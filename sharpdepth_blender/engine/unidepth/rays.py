"""Camera rays: from intrinsics, resized, and unprojected by depth."""

import torch
import torch.nn.functional as F

from ...geometry import Intrinsics
from ..errors import EngineError
from ..preview_metric import camera_rays


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
    slopes = _slopes(intrinsics, device)
    return F.normalize(torch.cat([slopes, torch.ones_like(slopes[:, :1])], dim=1), dim=1)


def resize_rays(rays: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Resize rays (1, 3, h, w), antialiased, and normalize them again."""
    if rays.shape[2:] != (height, width):
        rays = F.interpolate(rays, (height, width), mode="bilinear", antialias=True)
    return F.normalize(rays, dim=1, eps=1e-4)


def unproject(depth: torch.Tensor, intrinsics: Intrinsics) -> torch.Tensor:
    """Unproject z-depth (1, 1, h, w) to points in camera axes, (1, 3, h, w), in the same unit."""
    slopes = _slopes(intrinsics, depth.device)
    return torch.cat([slopes * depth, depth], dim=1)


def _slopes(intrinsics, device):
    batch = torch.tensor([tuple(intrinsics)], dtype=torch.float32, device=device)
    return camera_rays(batch, intrinsics.height, intrinsics.width)
