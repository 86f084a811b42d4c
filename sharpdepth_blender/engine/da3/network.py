"""The network of Depth Anything 3, and how depth comes of its answer."""

import torch
import torch.nn.functional as F
from torch import nn

from ...geometry import Intrinsics
from ..dinov2 import PATCH, Backbone, normalize
from ..dpt import Sizes
from ..metric import MetricEstimate
from .head import Head
from .resize import LONGER, prepare

_OFFSET = 0.1  # of the backbone
_SKY = 0.3  # answer of the sky head from which a pixel is sky
_FEW = 10  # pixels of sky, or of anything else, that do not count
_FARTHEST = 0.99  # quantile of depth that the sky gets
_FOCAL = 300  # pixels, of the camera in which the network's answer is in meters


class DepthAnything3(nn.Module):
    """Depth and sky of one picture, in meters if it is a metric model and the lens is known.

    The answer of the metric model is for a camera with a focal length of 300 pixels, and is scaled
    to that of the picture as the network sees it. The mono model's answer has no unit.

    Args:
        sizes: Sizes of the network.
        is_metric: Whether the weights are those of the metric model.
    """

    finds_intrinsics = False

    def __init__(self, sizes: Sizes, is_metric: bool):
        super().__init__()
        self.is_metric = self.takes_intrinsics = is_metric
        self.taken = sizes.taken
        self.backbone = nn.ModuleDict({"pretrained": Backbone(sizes.backbone, _OFFSET)})
        self.head = Head(sizes.backbone.width, sizes.widths, sizes.fused)

    def forward(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Run the network.

        Args:
            seen: (1, 3, h, w), normalized, both sides multiples of 14.

        Returns:
            Depth and sky, (1, 1, h, w) float32, of which neither has been used for the other.
        """
        backbone = self.backbone["pretrained"]
        after = backbone(seen)
        grid = [side // PATCH for side in seen.shape[2:]]
        maps = [
            backbone.norm(after[block])[:, 1:].transpose(1, 2).unflatten(2, grid)
            for block in self.taken
        ]
        depth, sky = self.head(maps, seen.shape[2:])
        return depth.float().exp(), F.relu(sky.float())

    @torch.no_grad()
    def look(
        self, picture: torch.Tensor, longer: int = LONGER
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Estimate depth without a scale, and sky, of one picture of any size.

        Args:
            picture: (1, 3, h, w) float, integers in 0..255.
            longer: Longer side of what the network sees, a multiple of 14.

        Returns:
            Depth, as far in the sky as what is farthest, and the answer of the sky head, both
            (1, 1, h', w') float32, of what the network sees.
        """
        dtype = next(self.parameters()).dtype
        depth, sky = self(normalize(prepare(picture, longer)).to(dtype))
        return farthest_in_sky(depth, sky), sky

    @torch.no_grad()
    def predict(
        self, picture: torch.Tensor, intrinsics: Intrinsics | None = None
    ) -> MetricEstimate:
        """Estimate depth of one picture of any size.

        Args:
            picture: (1, 3, h, w) float, integers in 0..255.
            intrinsics: Intrinsics of the picture; the metric model needs them.

        Returns:
            z-depth (1, 1, h, w), positive, float32, in meters for the metric model; its sky; and
            the intrinsics as given.

        Raises:
            ValueError: The metric model was given no intrinsics.
        """
        depth, sky = self.look(picture)
        notes = []
        if not self.is_metric:
            notes.append(
                "Depth Anything 3 Mono knows no scale: provide measured points, or set the scale "
                "by a known length."
            )
        elif intrinsics is None:
            raise ValueError("Depth Anything 3 Metric needs the intrinsics of the picture.")
        else:
            depth = in_meters(depth, intrinsics.resized(*reversed(depth.shape[2:])))
        size = picture.shape[2:]
        depth, sky = (F.interpolate(each, size, mode="bilinear") for each in (depth, sky))
        return MetricEstimate(depth, intrinsics, sky=sky.clamp(max=1), notes=notes)


def in_meters(depth: torch.Tensor, intrinsics: Intrinsics) -> torch.Tensor:
    """Scale the metric model's answer, (1, 1, h, w), from its own camera to the picture's.

    Args:
        depth: The network's answer.
        intrinsics: Intrinsics of the picture as the network sees it.
    """
    return depth * ((intrinsics.fx + intrinsics.fy) / 2 / _FOCAL)


def farthest_in_sky(depth: torch.Tensor, sky: torch.Tensor) -> torch.Tensor:
    """Give the sky the depth of what is farthest.

    The released code draws at random among many pixels where this takes the exact quantile.

    Args:
        depth: (1, 1, h, w).
        sky: The network's answer, (1, 1, h, w).
    """
    is_sky = sky >= _SKY
    if min(int(is_sky.sum()), int((~is_sky).sum())) <= _FEW:
        return depth
    ordered = depth[~is_sky].double().sort().values
    place = _FARTHEST * (len(ordered) - 1)
    below, above = ordered[int(place)], ordered[min(int(place) + 1, len(ordered) - 1)]
    farthest = below + (above - below) * (place - int(place))
    return torch.where(is_sky, farthest.to(depth), depth)
