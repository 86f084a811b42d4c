"""Camera head of UniDepth V1."""

import torch
from torch import nn

from ...geometry import Intrinsics
from .attention import AttentionBlock
from .layers import MLP
from .rays import found_intrinsics


class CameraHead(nn.Module):
    """Estimates four intrinsics from class tokens that attend to the features of all levels.

    Args:
        width: Channels per token.
        heads: Attention heads of all layers but the first, which has one.
        expansion: Expansion of the MLPs in attention blocks.
    """

    def __init__(self, width: int, heads: int, expansion: int):
        super().__init__()
        self.cls_project = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width // 2),
            nn.GELU(),
            nn.Linear(width // 2, width),
        )
        self.in_features = MLP(width, expansion=2)
        self.latents_pos = nn.Parameter(torch.empty(1, 4, width))
        self.aggregate = AttentionBlock(width, 1, expansion)
        self.layers = nn.ModuleList(AttentionBlock(width, heads, expansion) for _ in range(2))
        self.out = MLP(width, expansion=2, width_out=1)

    def forward(self, tokens, features, height: int, width: int) -> Intrinsics:
        """Estimate intrinsics in pixels of the network input.

        Args:
            tokens: Adapted class tokens, (1, 4, C).
            features: Features of all levels with positions added, (1, n, C).
            height: Input height, pixels.
            width: Input width, pixels.

        Raises:
            EngineError: `bad_depth`, if the estimate is not a valid camera.
        """
        tokens = self.cls_project(tokens)
        context = torch.cat([self.in_features(features), tokens], dim=1)
        tokens = self.aggregate(tokens, context, self.latents_pos)
        for layer in self.layers:
            tokens = layer(tokens, positions=self.latents_pos)
        x = self.out(tokens).flatten().float()
        fx, fy = (x[:2].exp() * max(height, width) / 2).tolist()
        cx, cy = x[2:].sigmoid().tolist()
        return found_intrinsics(fx, fy, cx * width, cy * height, width, height)
