"""A metric depth model on an encoder that knows photographs: depth, and where the sky is."""

import torch
import torch.nn.functional as F
from torch import nn

from ..geometry import Intrinsics
from .lite_encoder import WIDTHS, LiteEncoder
from .metric import MetricEstimate
from .network import Network
from .preview_metric import Merge, Transformer, network_input

FINEST = 4  # pixels that one position of the output covers


class LiteMetricModel(Network):
    """An EfficientNet-Lite0 encoder, attention at its coarsest level, and a decoder with two heads.

    The logarithm of depth is the sum of three terms: that of the focal length, relative to the
    longer side; a scale, from the whole picture; and a shape, per pixel. Camera rays enter at every
    level of the decoder.

    Args:
        widths: Channels of the decoder at a quarter, an eighth, a sixteenth and a thirty-second of
            the size.
        attention_blocks: Transformer blocks at the coarsest level.
        working_resolution: Longer side to which `predict` resizes every picture, pixels.
    """

    takes_intrinsics = True
    finds_intrinsics = False

    def __init__(
        self,
        widths: tuple[int, ...] = (48, 64, 128, 192),
        attention_blocks: int = 3,
        working_resolution: int = 256,
    ):
        super().__init__(
            widths=widths, attention_blocks=attention_blocks, working_resolution=working_resolution
        )
        self.encoder = LiteEncoder()
        self.enter = nn.ModuleList(
            nn.Conv2d(seen + 2, width, 1) for seen, width in zip(WIDTHS, widths, strict=True)
        )
        self.attention = nn.ModuleList(Transformer(widths[3]) for _ in range(attention_blocks))
        self.merge = nn.ModuleList(
            Merge(coarse, fine) for fine, coarse in zip(widths[:3], widths[1:], strict=True)
        )
        self.scale = nn.Sequential(
            nn.LayerNorm(widths[3]),
            nn.Linear(widths[3], widths[3]),
            nn.GELU(),
            nn.Linear(widths[3], 1),
        )
        self.heads = nn.Sequential(
            nn.GroupNorm(8, widths[0]), nn.SiLU(), nn.Conv2d(widths[0], 2, 3, padding=1)
        )
        nn.init.constant_(self.scale[-1].bias, 1.5)  # 4.5 m at a focal length of one longer side

    def forward(
        self, picture: torch.Tensor, rays: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Predict log depth and the sky for a batch.

        Args:
            picture: (B, 3, h, w) in 0..1; both sides multiples of 32.
            rays: (B, 2, h, w), x / z and y / z at every pixel.

        Returns:
            Logarithm of z-depth in meters, and logit of the probability of sky, (B, 1, h, w) each.
        """
        pyramid = []
        for features, enter in zip(self.encoder(picture), self.enter, strict=True):
            seen = F.adaptive_avg_pool2d(rays, features.shape[2:])
            pyramid.append(enter(torch.cat([features, seen], dim=1)))
        features = pyramid[3]
        batch, width, down, across = features.shape
        tokens = features.flatten(2).transpose(1, 2)
        for block in self.attention:
            tokens = block(tokens)
        scale = self.scale(tokens.mean(1)).float()[:, :, None, None]
        features = tokens.transpose(1, 2).reshape(batch, width, down, across)
        for level in (2, 1, 0):
            features = self.merge[level](features, pyramid[level])
        shape, sky = self.heads(features).float().split(1, dim=1)
        logarithm = scale + shape + _log_focal(rays)
        return tuple(
            F.interpolate(each, scale_factor=FINEST, mode="bilinear") for each in (logarithm, sky)
        )

    @torch.no_grad()
    def predict(self, picture: torch.Tensor, intrinsics: Intrinsics) -> MetricEstimate:
        """Estimate metric depth and the sky of one picture of any size.

        It is resized to the working resolution, both sides rounded to a multiple of 32, and the
        output is resized back. The rays account for the rounding, so it costs no accuracy.

        Args:
            picture: (1, 3, h, w) float in 0..255.
            intrinsics: Intrinsics of the picture.

        Returns:
            z-depth in meters, positive, and the probability of sky, (1, 1, h, w) each; and the
            intrinsics as given.
        """
        depth, sky = (
            F.interpolate(each, picture.shape[2:], mode="bilinear")
            for each in self(*network_input(self, picture, intrinsics))
        )
        return MetricEstimate(depth.exp(), intrinsics, sky=sky.sigmoid())


def _log_focal(rays):
    """Return the log of the focal length in longer sides, (B, 1, 1, 1) float32, from the rays."""
    height, width = rays.shape[2:]
    x, y = rays[:, 0].float(), rays[:, 1].float()
    across = (x[:, 0, -1] - x[:, 0, 0]) / (width - 1)  # 1 / fx
    down = (y[:, -1, 0] - y[:, 0, 0]) / (height - 1)
    focal = 1 / (across * down).sqrt() / max(height, width)
    return focal.log()[:, None, None, None]
