"""UniDepth V1 (Piccinelli et al., CVPR 2024, arXiv 2403.18913)."""

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import ceil

import torch
import torch.nn.functional as F
from torch import nn

from ...geometry import Intrinsics
from ..dinov2 import PATCH, VISION_TRANSFORMERS, Backbone, normalize
from ..metric import MetricEstimate
from ..rays import unproject
from .v1_decoder import Decoder


class UniDepthV1(nn.Module):
    """Metric depth and intrinsics from one picture.

    Every picture is fitted into the fixed shape that the network was trained on. This differs from
    the released code where that is wrong:

    - Points match the depth and the returned intrinsics. The released code, if intrinsics are
      given, unprojects with the ones scaled for the network.
    - Given intrinsics are returned unchanged and are not estimated in addition.
    - Black and very dark pictures work. The released code mistakes a picture whose values are all
      below 6 for one in 0..1 and fails, or sees it far too bright.
    - Half precision works: the networks compute in the dtype of the weights; geometry, exponentials
      and their resizing are in float32.
    - The network's shape may be portrait.

    As in the release, fractional picture sides are rounded, and intrinsics are scaled by the
    unrounded factor.

    Args:
        config: As in the `config.json` of a released checkpoint.

    Attributes:
        ASSUMED: Hard-coded backbone settings, with the values of the release.
        WITHOUT_EFFECT: Tensors of a released checkpoint that do not affect the result.
    """

    takes_intrinsics = True
    finds_intrinsics = True
    ASSUMED = {"num_register_tokens": 0, "use_norm": False, "stacking_fn": "max"}
    WITHOUT_EFFECT = frozenset({"pixel_encoder.mask_token", "pixel_encoder.register_tokens"})

    def __init__(self, config: dict):
        super().__init__()
        model = config["model"]
        sizes = VISION_TRANSFORMERS[model["pixel_encoder"]["name"]]
        self.shape = tuple(config["data"]["image_shape"])
        self.levels = sizes.levels
        self.pixel_encoder = Backbone(sizes, position_offset=0.1)
        self.pixel_decoder = Decoder(
            sizes.width,
            model["pixel_decoder"]["hidden_dim"],
            model["num_heads"],
            model["expansion"],
            model["pixel_decoder"]["depths"],
        )

    @torch.no_grad()
    def predict(
        self, picture: torch.Tensor, intrinsics: Intrinsics | None = None
    ) -> MetricEstimate:
        """Estimate metric depth of one picture of any size.

        Args:
            picture: (1, 3, h, w) float in 0..255.
            intrinsics: Intrinsics of the picture, if known.

        Returns:
            z-depth (1, 1, h, w) in meters, positive, float32; its points; and intrinsics.
        """
        frame = Frame.fit(*picture.shape[2:], *self.shape)
        seen = frame.place(normalize(picture)).to(next(self.parameters()).dtype)
        levels, tokens = self.features(seen)
        given = None if intrinsics is None else frame.place_intrinsics(intrinsics)
        shape = [side // PATCH for side in self.shape]
        found, depths = self.pixel_decoder(levels, tokens, shape, self.shape, given)
        if intrinsics is None:
            intrinsics = frame.take_intrinsics(found)
        large = [_resize(depth, self.shape) for depth in depths]
        depth = frame.take(sum(large) / len(large))
        return MetricEstimate(depth, intrinsics, unproject(depth, intrinsics))

    def features(self, seen: torch.Tensor):
        """Compute the decoder's inputs for a picture, (1, 3, *self.shape).

        Returns:
            Features of the four levels, (1, n, width) each: the channel-wise maximum over a level's
            blocks, with the class token added to every patch. And the class tokens of the last four
            blocks, last first, (1, 1, width) each.
        """
        after = self.pixel_encoder(seen)
        summed = [tokens[:, 1:] + tokens[:, :1] for tokens in after]
        spans = pairwise((0, *self.levels))
        levels = [reduce(torch.maximum, summed[start:end]) for start, end in spans]
        return levels, [tokens[:, :1] for tokens in after[:-5:-1]]


@dataclass(frozen=True)
class Frame:
    """A picture scaled to fit into the network's shape, centered.

    Attributes:
        size: (height, width) of the picture.
        shape: (height, width) that the network sees.
        inner: (height, width) of the scaled picture in it.
        scale: The factor, before rounding of the sides.
        top: Rows above the scaled picture.
        left: Columns left of it.
    """

    size: tuple[int, int]
    shape: tuple[int, int]
    inner: tuple[int, int]
    scale: float
    top: int
    left: int

    @classmethod
    def fit(cls, height: int, width: int, shape_height: int, shape_width: int) -> "Frame":
        """Return the frame for a picture in a shape."""
        wide = width / height > shape_width / shape_height
        scale = shape_width / width if wide else shape_height / height
        inner_height, inner_width = (max(1, ceil(side * scale - 0.5)) for side in (height, width))
        return cls(
            (height, width),
            (shape_height, shape_width),
            (inner_height, inner_width),
            scale,
            (shape_height - inner_height) // 2,
            (shape_width - inner_width) // 2,
        )

    def place(self, picture: torch.Tensor) -> torch.Tensor:
        """Place the picture (1, C, h, w) in its frame, with zeros around it."""
        right = self.shape[1] - self.inner[1] - self.left
        bottom = self.shape[0] - self.inner[0] - self.top
        return F.pad(_resize(picture, self.inner), (self.left, right, self.top, bottom))

    def take(self, seen: torch.Tensor) -> torch.Tensor:
        """Crop a map (1, C, *shape) to the picture and resize it to picture size."""
        inner = seen[:, :, self.top :, self.left :][:, :, : self.inner[0], : self.inner[1]]
        return _resize(inner, self.size)

    def place_intrinsics(self, intrinsics: Intrinsics) -> Intrinsics:
        """Convert intrinsics from the picture to the frame."""
        fx, fy, cx, cy = (value * self.scale for value in intrinsics)
        height, width = self.shape
        return Intrinsics(fx, fy, cx + self.left, cy + self.top, width, height)

    def take_intrinsics(self, intrinsics: Intrinsics) -> Intrinsics:
        """Convert intrinsics from the frame to the picture."""
        fx, fy, cx, cy = intrinsics
        placed = fx, fy, cx - self.left, cy - self.top
        height, width = self.size
        return Intrinsics(*(value / self.scale for value in placed), width, height)


def _resize(image, size):
    return F.interpolate(image, size, mode="bilinear", antialias=True)
