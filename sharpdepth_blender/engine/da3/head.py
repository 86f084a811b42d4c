"""The head: features of four blocks, fused from coarse to fine into depth and sky."""

from collections.abc import Sequence

import torch

from ..dpt import Pyramid, enlarged, last_layers


class Head(Pyramid):
    """Depth and sky of four maps of patch features; the arguments are those of `Pyramid`."""

    def __init__(self, width: int, widths: Sequence[int], fused: int):
        super().__init__(width, widths, fused)
        self.scratch.output_conv2 = last_layers(fused // 2)
        self.scratch.sky_output_conv2 = last_layers(fused // 2)

    def forward(
        self, maps: Sequence[torch.Tensor], size: Sequence[int]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Run the head.

        Args:
            maps: Four of (B, width, h, w).
            size: (height, width) of the answer.

        Returns:
            Depth before its exponential and sky before its ReLU, (B, 1, *size).
        """
        narrowed = [
            self.narrow(number, self.level(number, each)) for number, each in enumerate(maps)
        ]
        x = None
        for number in reversed(range(len(narrowed))):
            x = self.fuse(number, x, narrowed)
        x = enlarged(self.scratch.output_conv1(x), size)
        return self.scratch.output_conv2(x), self.scratch.sky_output_conv2(x)
