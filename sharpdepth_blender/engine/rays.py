"""Camera rays through the pixel centers, and the points that depth makes of them."""

import torch

from ..geometry import Intrinsics


def camera_rays(intrinsics: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Return rays through the pixel centers, (B, 2, height, width), for intrinsics (B, 4)."""
    fx, fy, cx, cy = intrinsics[:, :, None, None].unbind(1)
    u = torch.arange(width, device=intrinsics.device) + 0.5
    v = torch.arange(height, device=intrinsics.device) + 0.5
    x, y = (u - cx) / fx, (v[:, None] - cy) / fy
    return torch.stack([x.expand(-1, height, -1), y.expand(-1, -1, width)], dim=1)


def slopes(intrinsics: Intrinsics, device) -> torch.Tensor:
    """Return `camera_rays` of one camera at picture size, (1, 2, h, w) float32."""
    batch = torch.tensor([tuple(intrinsics)], dtype=torch.float32, device=device)
    return camera_rays(batch, intrinsics.height, intrinsics.width)


def unproject(depth: torch.Tensor, intrinsics: Intrinsics) -> torch.Tensor:
    """Unproject z-depth (1, 1, h, w) to points in camera axes, (1, 3, h, w), in the same unit."""
    return torch.cat([slopes(intrinsics, depth.device) * depth, depth], dim=1)
