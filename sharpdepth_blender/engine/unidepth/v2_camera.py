"""Camera head of UniDepth V2."""

from math import hypot

import torch
from torch import nn

from ...geometry import Intrinsics
from .attention import AttentionBlock
from .layers import MLP
from .rays import found_intrinsics


class CameraHead(nn.Module):
    """Estimates four intrinsics from class tokens by self-attention.

    Args:
        width: Channels of a token.
        heads: Attention heads.
        expansion: Expansion of the MLPs in attention blocks.
        layer_scale: Whether those blocks scale their residuals channel by channel.
    """

    def __init__(self, width: int, heads: int, expansion: int, layer_scale: bool):
        super().__init__()
        self.project = MLP(width, expansion=1)
        self.latents_pos = nn.Parameter(torch.empty(1, 4, width))
        shape = width, heads, expansion
        self.aggregate1 = AttentionBlock(*shape, bias=False, layer_scale=layer_scale)
        self.aggregate2 = AttentionBlock(*shape, bias=False, layer_scale=layer_scale)
        self.out_pinhole = MLP(width, expansion=1, width_out=1)

    def forward(self, tokens, height: int, width: int) -> Intrinsics:
        """Estimate intrinsics in pixels of the network input.

        Args:
            tokens: Adapted class tokens, shallow first, (1, 4, C).
            height: Input height, pixels.
            width: Input width, pixels.

        Raises:
            EngineError: `bad_depth`, if the estimate is not a valid camera.
        """
        tokens = self.project(tokens)
        tokens = self.aggregate1(tokens, positions=self.latents_pos)
        tokens = self.aggregate2(tokens, positions=self.latents_pos)
        x = self.out_pinhole(tokens).flatten().float()
        fx, fy = (0.7 * hypot(height, width) * x[:2].exp()).tolist()
        cx, cy = x[2:].sigmoid().tolist()
        return found_intrinsics(fx, fy, cx * width, cy * height, width, height)
