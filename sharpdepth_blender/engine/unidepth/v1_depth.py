"""Depth head of UniDepth V1, conditioned on rays."""

import torch
from torch import nn

from .attention import AttentionBlock, HeadAttentionBlock
from .layers import MLP, LastConv2d, tokens_to_map
from .rays import resize_rays
from .spherical_harmonics import spherical_harmonics
from .v1_convolution import Upsample

HARMONICS = 81  # up to degree 8


class DepthHead(nn.Module):
    """Latents aggregate the features, attend to the rays and are upsampled three times.

    Numbers in names are picture pixels per token as the authors count them; the true values are 14,
    7 and 3.5.

    Args:
        width: Channels C of a token.
        heads: Attention heads of self-attention.
        expansion: Expansion of the MLPs in attention blocks.
        depths: Blocks at a token's own size, at twice and at four times that.
    """

    def __init__(self, width: int, heads: int, expansion: int, depths: tuple[int, int, int]):
        super().__init__()
        self.project_rays16 = MLP(HARMONICS, expansion, width)
        self.project_rays8 = MLP(HARMONICS, expansion, width // 2)
        self.project_rays4 = MLP(HARMONICS, expansion, width // 4)
        self.features_channel_cat = nn.Linear(4 * width, width)
        self.to_latents = MLP(width, expansion=2)
        self.aggregate_16 = AttentionBlock(width, 1, expansion)
        self.prompt_camera = AttentionBlock(width, 1, expansion)

        def blocks(kind, share, count):
            return nn.ModuleList(
                kind(width // share, heads // share, expansion) for _ in range(count)
            )

        self.layers_16 = blocks(AttentionBlock, 1, depths[0])
        self.up8, self.out8 = Upsample(width), LastConv2d(width // 2, 1, 3, padding=1)
        self.layers_8 = blocks(HeadAttentionBlock, 2, depths[1])
        self.up4, self.out4 = Upsample(width // 2), LastConv2d(width // 4, 1, 3, padding=1)
        self.layers_4 = blocks(HeadAttentionBlock, 4, depths[2])
        self.up2, self.out2 = Upsample(width // 4), LastConv2d(width // 8, 1, 3, padding=1)

    def forward(self, levels, positions, rays, height: int, width: int) -> list[torch.Tensor]:
        """z-depth in meters at twice, four and eight times the tokens' size, (1, 1, ., .) float32.

        Args:
            levels: Features of the four levels, (1, height * width, C) each.
            positions: Positional embedding of all of them, (1, 4 * height * width, C).
            rays: Of length 1, (1, 3, H, W), at the size of the picture that the network sees.
            height: Tokens.
            width: Tokens.
        """
        prompts = [
            project(_harmonics(rays, times * height, times * width, positions.dtype))
            for times, project in zip(
                (1, 2, 4),
                (self.project_rays16, self.project_rays8, self.project_rays4),
                strict=True,
            )
        ]
        latents = self.to_latents(self.features_channel_cat(torch.cat(levels, dim=-1)))
        latents = self.aggregate_16(latents, torch.cat(levels, dim=1), context_positions=positions)
        latents = self.prompt_camera(latents, prompts[0])
        depths = []
        for times, prompt, layers, up, out in zip(
            (1, 2, 4),
            prompts,
            (self.layers_16, self.layers_8, self.layers_4),
            (self.up8, self.up4, self.up2),
            (self.out8, self.out4, self.out2),
            strict=True,
        ):
            for layer in layers:
                latents = layer(latents, positions=prompt)
            latents = up(tokens_to_map(latents + prompt, times * height, times * width))
            logarithm = out(tokens_to_map(latents, 2 * times * height, 2 * times * width))
            depths.append(logarithm.clamp(-10, 10).exp())
        return depths


def _harmonics(rays, height, width, dtype):
    """Return spherical harmonics of the resized rays, (1, height * width, 81)."""
    resized = resize_rays(rays, height, width).flatten(2).transpose(1, 2)
    return spherical_harmonics(resized).to(dtype)
