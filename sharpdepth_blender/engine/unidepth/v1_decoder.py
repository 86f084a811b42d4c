"""UniDepth V1's decoder: adapters, positions, camera and depth."""

import torch
from torch import nn

from ...geometry import Intrinsics
from .layers import Adapters
from .rays import unit_rays
from .sines import position_sines
from .v1_camera import CameraHead
from .v1_depth import DepthHead


class Decoder(nn.Module):
    """Features of the backbone in, intrinsics and depth at three sizes out.

    Args:
        width_in: Channels of the backbone.
        width: Channels of the decoder.
        heads: Attention heads.
        expansion: Expansion of the MLPs in attention blocks.
        depths: Blocks of the depth head at each of its three sizes.
    """

    def __init__(self, width_in: int, width: int, heads: int, expansion: int, depths):
        super().__init__()

        def adapters():
            return Adapters(
                nn.Sequential(nn.LayerNorm(width_in), nn.Linear(width_in, width), nn.GELU())
                for _ in range(4)
            )

        self.input_adapter, self.token_adapter = adapters(), adapters()
        self.level_embeds = nn.Parameter(torch.empty(4, width))
        self.level_embed_layer = nn.Sequential(
            nn.Linear(width, width), nn.GELU(), nn.Linear(width, width), nn.LayerNorm(width)
        )
        self.camera_layer = CameraHead(width, heads, expansion)
        self.depth_layer = DepthHead(width, heads, expansion, depths)

    def forward(self, levels, tokens, shape, picture_shape, intrinsics: Intrinsics | None):
        """Return intrinsics, as given or else estimated, and z-depth in meters at three sizes.

        Args:
            levels: Features of the four levels, shallow first, (1, n, width_in) each.
            tokens: Class tokens of the last four blocks, last first, (1, 1, width_in) each.
            shape: (height, width) in tokens.
            picture_shape: (height, width) in pixels of the picture that the network sees.
            intrinsics: In those pixels.
        """
        levels = self.input_adapter(levels)
        sines = position_sines(*shape, levels[0].shape[-1], levels[0].device).to(levels[0])
        embeddings = self.level_embed_layer(self.level_embeds)
        positions = (sines + embeddings[:, None]).flatten(0, 1)[None]
        if intrinsics is None:
            tokens = torch.cat(self.token_adapter(tokens), dim=1)
            features = torch.cat(levels, dim=1) + positions
            intrinsics = self.camera_layer(tokens, features, *picture_shape)
        rays = unit_rays(intrinsics, levels[0].device)
        return intrinsics, self.depth_layer(levels, positions, rays, *shape)
