"""Depth Anything 3 Mono in the place of a diffusion model: relative depth by one look."""

import torch
import torch.nn.functional as F

from .aligned import AlignedPipeline
from .da3.network import DepthAnything3
from .da3.resize import LONGER
from .dinov2 import PATCH
from .metric_depth import eight_bits
from .network import Config


class MonoPipeline(AlignedPipeline):
    """One pass of Depth Anything 3 Mono, fitted to metric depth.

    Args:
        network: The network, whose depth is known up to a scale and a shift.
    """

    looks = ("encode_picture", "first_look")
    factor = PATCH

    def __init__(self, network: DepthAnything3):
        self._network = network
        self.config = Config(processing_resolution=LONGER)

    @property
    def device(self) -> torch.device:
        """Device that the network runs on."""
        return next(self._network.parameters()).device

    def to(self, device) -> "MonoPipeline":
        """Move the network to a device."""
        self._network.to(device)
        return self

    def _predict(self, image, seen, noise, generator, begin, steps, notes):
        """See `AlignedPipeline._predict`. Nothing is compared, so e is zero."""
        begin("first_look", None)
        size = image.shape[2:]
        picture = eight_bits(image).to(self.device, torch.float32)
        depth, _ = self._network.look(picture, PATCH * -(-max(size) // PATCH))
        depth = F.interpolate(depth, size, mode="bilinear")
        steps["mono_depth"] = depth
        return depth, torch.zeros_like(depth)
