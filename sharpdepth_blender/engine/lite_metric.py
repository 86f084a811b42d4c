"""A metric depth model on an encoder that knows photographs: depth, and where the sky is."""

from statistics import median

import torch
import torch.nn.functional as F
from torch import nn

from ..geometry import Intrinsics
from .lite_encoder import WIDTHS, LiteEncoder
from .metric import MetricEstimate
from .network import Network
from .preview_metric import Merge, Transformer, network_input

FINEST = 4  # pixels that one position of the output covers
VIEWS = (0.6, 0.45)  # sides of the parts of a picture that have a say in its scale
LEAST = 0.1  # share of a part that is not sky, for its say to count


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
        output is resized back. The rays account for the rounding, so it costs no accuracy. Parts of
        the picture are estimated, too, and have their say in the scale of the whole.

        Args:
            picture: (1, 3, h, w) float in 0..255.
            intrinsics: Intrinsics of the picture.

        Returns:
            z-depth in meters, positive, and the probability of sky, (1, 1, h, w) each; and the
            intrinsics as given.
        """
        logarithm, sky = self(*network_input(self, picture, intrinsics))
        logarithm = logarithm + self._correction(picture, intrinsics, logarithm, sky)
        depth, sky = (
            F.interpolate(each, picture.shape[2:], mode="bilinear") for each in (logarithm, sky)
        )
        return MetricEstimate(depth.exp(), intrinsics, sky=sky.sigmoid())

    def _correction(self, picture, intrinsics, logarithm, sky):
        """Return what to add to log depth so that it is of the size that most views of it have.

        A table top that the whole picture shows as a square seen from a roof is told by its parts.
        """
        picture, intrinsics = self._shrunk(picture, intrinsics)
        height, width = picture.shape[2:]
        rows, columns = size = logarithm.shape[2:]
        inputs, places = [], []
        for (top, bottom), (left, right) in _views(height, width):
            part = picture[..., top:bottom, left:right]
            camera = intrinsics.cropped(left, top, right - left, bottom - top)
            inputs.append(network_input(self, part, camera, size))
            down = slice(round(top * rows / height), round(bottom * rows / height))
            across = slice(round(left * columns / width), round(right * columns / width))
            places.append((..., down, across))
        found, _ = self(*(torch.cat(part) for part in zip(*inputs, strict=True)))
        votes = [0.0]
        for place, seen in zip(places, found[:, None], strict=True):
            whole, there = logarithm[place], sky[place] <= 0
            if there.float().mean() > LEAST:
                seen = F.interpolate(seen, whole.shape[2:], mode="bilinear")
                votes.append((seen - whole)[there].median().item())
        return median(votes)

    def _shrunk(self, picture, intrinsics):
        """Return a picture no larger than its smallest parts need, and its intrinsics."""
        height, width = picture.shape[2:]
        scale = self.config.working_resolution / min(VIEWS) / max(height, width)
        if scale >= 1:
            return picture, intrinsics
        size = [max(1, round(side * scale)) for side in (height, width)]
        small = F.interpolate(picture, size, mode="bilinear", antialias=True)
        return small, intrinsics.resized(size[1], size[0])


def _views(height, width):
    """Yield (top, bottom) and (left, right) of parts of a picture: its middle and its corners."""
    for share in VIEWS:
        high, wide = max(1, round(height * share)), max(1, round(width * share))
        for y, x in ((1, 1), (0, 0), (0, 2), (2, 0), (2, 2)):
            top, left = (height - high) * y // 2, (width - wide) * x // 2
            yield (top, top + high), (left, left + wide)


def _log_focal(rays):
    """Return the log of the focal length in longer sides, (B, 1, 1, 1) float32, from the rays."""
    height, width = rays.shape[2:]
    x, y = rays[:, 0].float(), rays[:, 1].float()
    across = (x[:, 0, -1] - x[:, 0, 0]) / (width - 1)  # 1 / fx
    down = (y[:, -1, 0] - y[:, 0, 0]) / (height - 1)
    focal = 1 / (across * down).sqrt() / max(height, width)
    return focal.log()[:, None, None, None]
