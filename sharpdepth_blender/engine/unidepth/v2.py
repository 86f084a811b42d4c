"""UniDepth V2 (Piccinelli et al., arXiv 2502.20110)."""

from dataclasses import dataclass
from math import ceil, sqrt

import torch
import torch.nn.functional as F
from torch import nn

from ...geometry import Intrinsics
from ..dinov2 import PATCH, VISION_TRANSFORMERS, Backbone, normalize
from ..metric import MetricEstimate
from ..rays import unproject
from .v2_decoder import Decoder


class UniDepthV2(nn.Module):
    """Metric depth, its error and intrinsics from one picture.

    Every picture is resized to roughly the number of pixels that the network was trained on; only
    very elongated ones are padded. This differs from the released code where that is wrong:

    - The sides of the network input are multiples of 14, so the picture is stretched by up to 13 px
      per side, with slightly different factors horizontally and vertically. Estimated intrinsics
      are converted back with both factors; the released code uses one factor, before rounding, and
      is off by 1 to 3%. Given intrinsics are converted with that one factor, as in the release, so
      that depth is the published one. As a result, passing estimated intrinsics back in does not
      reproduce exactly the same input.
    - Points match the depth and the returned intrinsics, through pixel centers.
    - Given intrinsics are returned, and the caller's object is never modified.
    - Black and very dark pictures work.
    - Half precision works without autocast: the networks compute in the dtype of the weights;
      geometry, sines of rays, exponentials and their resizing are in float32.

    Args:
        config: As in the `config.json` of a released checkpoint.

    Attributes:
        ASSUMED: Hard-coded backbone settings, with the values of the release.
        WITHOUT_EFFECT: Tensors of a released checkpoint that do not affect the result.
    """

    takes_intrinsics = True
    finds_intrinsics = True
    ASSUMED = {"num_register_tokens": 0, "use_norm": True, "stacking_fn": "last"}
    WITHOUT_EFFECT = frozenset(
        {
            "pixel_encoder.mask_token",
            "pixel_encoder.register_tokens",
            "pixel_decoder.level_embeds",
        }
    )

    def __init__(self, config: dict):
        super().__init__()
        model = config["model"]
        sizes = VISION_TRANSFORMERS[model["pixel_encoder"]["name"]]
        constraints = config["data"]["augmentations"]["shape_constraints"]
        self.ratios = constraints["ratio_bounds"]
        self.pixels = constraints["pixels_min"], constraints["pixels_max"]
        self.levels = model["pixel_encoder"]["output_idx"]
        self.pixel_encoder = Backbone(sizes)
        self.pixel_decoder = Decoder(sizes.width, model)

    @torch.no_grad()
    def predict(
        self, picture: torch.Tensor, intrinsics: Intrinsics | None = None
    ) -> MetricEstimate:
        """Estimate metric depth of one picture of any size.

        Args:
            picture: (1, 3, h, w) float in 0..255.
            intrinsics: Intrinsics of the picture, if known.

        Returns:
            z-depth (1, 1, h, w) in meters, positive, float32; its points; its error, larger = less
            reliable; and intrinsics.
        """
        frame = Frame.fit(*picture.shape[2:], self.ratios, self.pixels)
        seen = frame.place(normalize(picture)).to(next(self.parameters()).dtype)
        after = self.pixel_encoder(seen)
        levels = [self.pixel_encoder.norm(after[block - 1]) for block in self.levels]
        given = None if intrinsics is None else frame.place_intrinsics(intrinsics)
        shape = [side // PATCH for side in frame.shape]
        patches, tokens = [each[:, 1:] for each in levels], [each[:, :1] for each in levels]
        found, depth, error = self.pixel_decoder(patches, tokens, shape, frame.shape, given)
        if intrinsics is None:
            intrinsics = frame.take_intrinsics(found)
        depth = frame.take(depth)
        points = unproject(depth, intrinsics)
        return MetricEstimate(depth, intrinsics, points, confidence=frame.take(error))


@dataclass(frozen=True)
class Frame:
    """A picture padded to an aspect ratio that the network supports, then resized.

    Attributes:
        size: (height, width) of the picture.
        padded: (height, width) with zeros around it.
        shape: (height, width) that the network sees, multiples of 14.
        scale: Factor from padded to network input, before rounding of the sides.
        top: Rows of zeros above the picture.
        left: Columns of zeros left of it.
    """

    size: tuple[int, int]
    padded: tuple[int, int]
    shape: tuple[int, int]
    scale: float
    top: int
    left: int

    @classmethod
    def fit(cls, height: int, width: int, ratios, pixels) -> "Frame":
        """Return the frame for a picture.

        Args:
            height: Picture height, pixels.
            width: Picture width, pixels.
            ratios: Minimum and maximum width / height without padding.
            pixels: Minimum and maximum number of pixels of the network input, before rounding.
        """
        narrowest, widest = ratios
        padded_height, padded_width = height, width
        if width / height > widest:
            padded_height = int(width / widest)
        elif width / height < narrowest:
            padded_width = int(height * narrowest)
        there = padded_height * padded_width
        scale = sqrt(min(max(there, pixels[0]), pixels[1]) / there)
        shape = (ceil(int(side * scale) / PATCH) * PATCH for side in (padded_height, padded_width))
        return cls(
            (height, width),
            (padded_height, padded_width),
            tuple(shape),
            scale,
            (padded_height - height) // 2,
            (padded_width - width) // 2,
        )

    def place(self, picture: torch.Tensor) -> torch.Tensor:
        """Place the picture (1, C, h, w) in its frame, with zeros around it."""
        right = self.padded[1] - self.size[1] - self.left
        bottom = self.padded[0] - self.size[0] - self.top
        padded = F.pad(picture, (self.left, right, self.top, bottom))
        return F.interpolate(padded, self.shape, mode="bilinear")

    def take(self, seen: torch.Tensor) -> torch.Tensor:
        """Crop a map (1, C, *shape) to the picture and resize it to picture size."""
        padded = F.interpolate(seen, self.padded, mode="bilinear")
        return padded[:, :, self.top :, self.left :][:, :, : self.size[0], : self.size[1]]

    def place_intrinsics(self, intrinsics: Intrinsics) -> Intrinsics:
        """Convert intrinsics from the picture to the frame, with the release's single factor."""
        fx, fy, cx, cy = intrinsics
        padded = fx, fy, cx + self.left, cy + self.top
        height, width = self.shape
        return Intrinsics(*(value * self.scale for value in padded), width, height)

    def take_intrinsics(self, intrinsics: Intrinsics) -> Intrinsics:
        """Convert intrinsics from the frame to the picture, with the actual factor of each side."""
        fx, fy, cx, cy = intrinsics
        down, across = (padded / seen for padded, seen in zip(self.padded, self.shape, strict=True))
        height, width = self.size
        return Intrinsics(
            fx * across, fy * down, cx * across - self.left, cy * down - self.top, width, height
        )
