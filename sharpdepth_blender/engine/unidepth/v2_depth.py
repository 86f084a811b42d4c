"""Depth head of UniDepth V2, conditioned on rays: distance and its error."""

import torch
import torch.nn.functional as F
from torch import nn

from .attention import AttentionBlock
from .layers import LastConv2d, tokens_to_map
from .rays import resize_rays
from .sines import ray_sines
from .v2_convolution import Upsample


class DepthHead(nn.Module):
    """Features of each level attend to the rays and are merged while upsampling to pixels.

    Args:
        width: Channels C of a token.
        heads: Attention heads.
        expansion: Expansion of the MLPs in attention blocks.
        depths: Residual units before each of three enlargements.
        least_width: Minimum number of channels.
    """

    def __init__(self, width: int, heads: int, expansion: int, depths, least_width: int):
        super().__init__()
        self.prompt_camera = nn.ModuleList(
            RayPrompt(AttentionBlock(width, heads, expansion, bias=False, layer_scale=False))
            for _ in range(4)
        )
        self.to_latents = nn.Linear(width, width)
        widths = [width, *(max(width // 2**i, least_width) for i in range(3))]
        self.process_features = nn.ModuleList(
            nn.ConvTranspose2d(width, inner, size, stride=size)
            for inner, size in zip(widths[:-1], (1, 2, 4), strict=True)
        )
        self.ups = nn.ModuleList(
            Upsample(inner, outer, depth)
            for inner, outer, depth in zip(widths[:-1], widths[1:], depths, strict=True)
        )
        last = widths[-1]
        # The release has three of these and trained the last.
        self.depth_mlp = nn.ModuleDict({"2": _channel_mixer(last)})
        self.confidence_mlp = _channel_mixer(last)
        self.to_depth_lr, self.to_depth_hr = _to_half(last), _to_one(last // 2)
        self.to_confidence_lr, self.to_confidence_hr = _to_half(last), _to_one(last // 2)

    def forward(self, levels, rays, height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Distance from the camera in meters, and its error, (1, 1, H, W) float32 each.

        Args:
            levels: Features of the four levels, shallow first, (1, height * width, C) each.
            rays: Of length 1, (1, 3, H, W), at the size of the picture that the network sees.
            height: Tokens.
            width: Tokens.
        """
        embedding = ray_sines(resize_rays(rays, height, width), levels[0].shape[-1])
        embedding = embedding.to(levels[0])
        levels = [
            look(level, embedding) for look, level in zip(self.prompt_camera, levels, strict=True)
        ]
        latents = tokens_to_map(self.to_latents(levels[0]), height, width)
        for level, enlarge, up in zip(levels[1:], self.process_features, self.ups, strict=True):
            latents = up(latents + enlarge(tokens_to_map(level, height, width)))

        def answer(mix, narrow, finish):
            mixed = narrow(mix(latents.movedim(1, -1)).movedim(-1, 1))
            size = rays.shape[2:]
            return finish(F.interpolate(mixed, size, mode="bilinear", align_corners=True))

        distance = answer(self.depth_mlp["2"], self.to_depth_lr, self.to_depth_hr)
        error = answer(self.confidence_mlp, self.to_confidence_lr, self.to_confidence_hr)
        return (distance.clamp(-8, 8) + 2).exp(), error.clamp(-8, 8).exp()


class RayPrompt(nn.Module):
    """Attention blocks with rays as context; every release has one block."""

    def __init__(self, *layers: AttentionBlock):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, tokens, rays):
        """Tokens of the same shape."""
        for layer in self.layers:
            tokens = layer(tokens, rays)
        return tokens


def _channel_mixer(width):
    return nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width))


def _to_half(width):
    return nn.Conv2d(width, width // 2, 3, padding=1, padding_mode="reflect")


def _to_one(width):
    first = nn.Conv2d(width, 32, 3, padding=1, padding_mode="reflect")
    return nn.Sequential(first, nn.LeakyReLU(), LastConv2d(32, 1, 1))
