"""UniDepth V2's decoder: adapters, camera and depth."""

import torch
from torch import nn

from ...geometry import Intrinsics
from .layers import Adapters
from .rays import unit_rays
from .v2_camera import CameraHead
from .v2_depth import DepthHead


class Decoder(nn.Module):
    """Features of the backbone in, intrinsics, depth and its error out.

    Args:
        width_in: Channels of the backbone.
        model: The `model` part of a released config.
    """

    def __init__(self, width_in: int, model: dict):
        super().__init__()
        decoder = model["pixel_decoder"]
        width = decoder["hidden_dim"]
        shape = width, model["num_heads"], model["expansion"]
        self.input_adapter = Adapters(nn.Linear(width_in, width) for _ in range(4))
        self.camera_token_adapter = Adapters(nn.Linear(width_in, width) for _ in range(4))
        self.camera_layer = CameraHead(*shape, layer_scale=model["layer_scale"] > 0)
        self.depth_layer = DepthHead(*shape, decoder["depths"], decoder["out_dim"])

    def forward(self, levels, tokens, shape, picture_shape, intrinsics: Intrinsics | None):
        """Return intrinsics, as given or estimated, and z-depth [m] and its error, (1, 1, H, W).

        Args:
            levels: Features of the four levels, shallow first, (1, n, width_in) each.
            tokens: Class tokens of the same blocks, (1, 1, width_in) each.
            shape: (height, width) in tokens.
            picture_shape: (H, W) in pixels of the picture that the network sees.
            intrinsics: In those pixels.
        """
        if intrinsics is None:
            tokens = torch.cat(self.camera_token_adapter(tokens), dim=1)
            intrinsics = self.camera_layer(tokens, *picture_shape)
        rays = unit_rays(intrinsics, levels[0].device)
        distance, error = self.depth_layer(self.input_adapter(levels), rays, *shape)
        return intrinsics, distance * rays[:, 2:], error
