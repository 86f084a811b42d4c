"""The bundled metric depth model: small and camera-aware; correct scale, soft edges."""

import torch
import torch.nn.functional as F
from torch import nn

from ..geometry import Intrinsics
from .metric import MetricEstimate
from .network import Network
from .rays import camera_rays

STRIDE = 32  # pixels that one position of the coarsest level covers


class PreviewMetricModel(Network):
    """A convolutional encoder with attention at its coarsest level, and a short decoder.

    The input is color and, at every pixel, the camera ray ((u - cx) / fx, (v - cy) / fy), which
    gives the field of view and the likely horizon. The output is the logarithm of z-depth at an
    eighth of the working size, upsampled bilinearly: it has no crisp edges.

    Args:
        widths: Channels at a quarter, an eighth, a sixteenth and a thirty-second of the size.
        blocks: Residual blocks at each of these levels.
        attention_blocks: Transformer blocks at the coarsest level.
        working_resolution: Longer side to which `predict` resizes every picture, pixels.
    """

    takes_intrinsics = True
    finds_intrinsics = False

    def __init__(
        self,
        widths: tuple[int, ...] = (48, 96, 192, 256),
        blocks: tuple[int, ...] = (2, 2, 4, 2),
        attention_blocks: int = 2,
        working_resolution: int = 256,
    ):
        super().__init__(
            widths=widths,
            blocks=blocks,
            attention_blocks=attention_blocks,
            working_resolution=working_resolution,
        )
        self.stem = nn.Conv2d(5 * 16, widths[0], 3, padding=1)
        self.levels = nn.ModuleList()
        for level, (width, count) in enumerate(zip(widths, blocks, strict=True)):
            layers = [Residual(width) for _ in range(count)]
            if level > 0:
                layers.insert(0, nn.Conv2d(widths[level - 1], width, 3, stride=2, padding=1))
            self.levels.append(nn.Sequential(*layers))
        self.attention = nn.ModuleList(Transformer(widths[-1]) for _ in range(attention_blocks))
        self.to_sixteenth = Merge(widths[3], widths[2])
        self.to_eighth = Merge(widths[2], widths[1])
        self.head = nn.Sequential(nn.GroupNorm(8, widths[1]), nn.SiLU(), nn.Conv2d(widths[1], 1, 1))
        nn.init.constant_(self.head[-1].bias, 1.5)  # e^1.5 = 4.5 m, a reasonable initial guess

    def forward(self, picture: torch.Tensor, rays: torch.Tensor) -> torch.Tensor:
        """Predict log depth for a batch.

        Args:
            picture: (B, 3, h, w) in 0..1; both sides multiples of 32.
            rays: (B, 2, h, w), x / z and y / z at every pixel.

        Returns:
            Logarithm of z-depth in meters, (B, 1, h, w).
        """
        seen = torch.cat([2 * picture - 1, rays], dim=1)
        features = self.stem(F.pixel_unshuffle(seen, 4))
        pyramid = []
        for level in self.levels:
            features = level(features)
            pyramid.append(features)
        batch, width, down, across = features.shape
        tokens = features.flatten(2).transpose(1, 2)
        for block in self.attention:
            tokens = block(tokens)
        features = tokens.transpose(1, 2).reshape(batch, width, down, across)
        features = self.to_sixteenth(features, pyramid[2])
        features = self.to_eighth(features, pyramid[1])
        logarithm = self.head(features).float()
        return F.interpolate(logarithm, scale_factor=8, mode="bilinear")

    @torch.no_grad()
    def predict(self, picture: torch.Tensor, intrinsics: Intrinsics) -> MetricEstimate:
        """Estimate metric depth of one picture of any size.

        It is resized to the working resolution, both sides rounded to a multiple of 32, and the
        output is resized back. The rays account for the rounding, so it costs no accuracy.

        Args:
            picture: (1, 3, h, w) float in 0..255.
            intrinsics: Intrinsics of the picture.

        Returns:
            z-depth (1, 1, h, w) in meters, positive, and the intrinsics as given.
        """
        logarithm = self(*network_input(self, picture, intrinsics))
        depth = F.interpolate(logarithm, picture.shape[2:], mode="bilinear").exp()
        return MetricEstimate(depth, intrinsics)


def network_input(
    model: Network,
    picture: torch.Tensor,
    intrinsics: Intrinsics,
    size: tuple[int, int] | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a picture at the working resolution of a model, and its rays.

    Both sides are rounded to a multiple of 32, for which the rays account.

    Args:
        model: Its config has a `working_resolution`, the longer side in pixels.
        picture: (1, 3, h, w) float in 0..255.
        intrinsics: Intrinsics of the picture.
        size: Height and width to take in place of these.

    Returns:
        (1, 3, h', w') in 0..1 and (1, 2, h', w'), x / z and y / z, in the model's type.
    """
    if size is None:
        sides = picture.shape[2:]
        scale = model.config.working_resolution / max(sides)
        size = tuple(max(1, round(side * scale / STRIDE)) * STRIDE for side in sides)
    small = F.interpolate(picture / 255, size, mode="bilinear", antialias=True).clamp(0, 1)
    resized = torch.tensor([tuple(intrinsics.resized(size[1], size[0]))])
    return small.to(model.dtype), camera_rays(resized.to(small), *size).to(model.dtype)


class Residual(nn.Module):
    """Residual block: two 3x3 convolutions and a skip connection."""

    def __init__(self, width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, features):
        """Features of the same shape."""
        return features + self.layers(features)


class Merge(nn.Module):
    """Upsamples coarse features by two and adds those of the finer level."""

    def __init__(self, coarse: int, fine: int):
        super().__init__()
        self.reduce = nn.Conv2d(coarse, fine, 1)
        self.carry = nn.Conv2d(fine, fine, 1)
        self.refine = Residual(fine)

    def forward(self, coarse, fine):
        """Features at the size of `fine`."""
        enlarged = F.interpolate(self.reduce(coarse), scale_factor=2, mode="bilinear")
        return self.refine(enlarged + self.carry(fine))


class Transformer(nn.Module):
    """Pre-norm transformer block: self-attention, then an MLP."""

    def __init__(self, width: int, heads: int = 8):
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.attend = nn.Linear(width, 3 * width)
        self.join = nn.Linear(width, width)
        self.perceptron = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, tokens):
        """Tokens (B, count, width) of the same shape."""
        batch, count, width = tokens.shape
        queries = self.attend(self.before_attention(tokens))
        queries = queries.reshape(batch, count, 3, self.heads, width // self.heads)
        attended = F.scaled_dot_product_attention(*queries.permute(2, 0, 3, 1, 4))
        tokens = tokens + self.join(attended.transpose(1, 2).reshape(batch, count, width))
        return tokens + self.perceptron(tokens)
