"""The network of Video Depth Anything: relative disparity of a window of frames."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from ..dinov2 import PATCH, Backbone, normalize
from ..dpt import Pyramid, Sizes, enlarged, last_layers
from .temporal import TemporalModule

WINDOW = 32  # frames that are looked at together
_OFFSET, _EPSILON = 0.1, 1e-6  # of the backbone
_SIDE = 518  # shorter side of what the network sees, pixels
_LONG = 1.78  # aspect ratio beyond which the shorter side shrinks
_TOGETHER = 4  # frames at a time where the maps are large


class Head(Pyramid):
    """Disparity of four maps of patch features, with attention over frames in its coarse half."""

    def __init__(self, width: int, widths: Sequence[int], fused: int):
        super().__init__(width, widths, fused)
        self.scratch.output_conv2 = last_layers(fused // 2)
        self.motion_modules = nn.ModuleList(
            TemporalModule(each) for each in (widths[2], widths[3], fused, fused)
        )

    def forward(self, maps: Sequence[torch.Tensor], size: Sequence[int]) -> torch.Tensor:
        """Return disparity before its ReLU, (frames, 1, *size), of four (frames, width, h, w)."""
        levels = [self.level(number, each) for number, each in enumerate(maps)]
        levels[2:] = [
            steady(each) for steady, each in zip(self.motion_modules[:2], levels[2:], strict=True)
        ]
        narrowed = [self.narrow(number, each) for number, each in enumerate(levels)]
        x = self.motion_modules[2](self.fuse(3, None, narrowed))
        x = self.motion_modules[3](self.fuse(2, x, narrowed))
        parts = []
        for first in range(0, len(x), _TOGETHER):
            part = slice(first, first + _TOGETHER)
            few = [each[part] for each in narrowed]
            fine = self.fuse(0, self.fuse(1, x[part], few), few)
            fine = enlarged(self.scratch.output_conv1(fine), size)
            parts.append(self.scratch.output_conv2(fine.float()))
        return torch.cat(parts)


class VideoDepthAnything(nn.Module):
    """Relative disparity of a window of frames; its scale and shift are the window's own.

    Attributes:
        side: Shorter side of what the network sees, pixels.
    """

    # The coarsest level has nothing to be added to, and the places of frames are computed.
    WITHOUT_EFFECT = frozenset(
        {
            "pretrained.mask_token",
            *(
                f"head.scratch.refinenet4.resConfUnit1.conv{number}.{kind}"
                for number in (1, 2)
                for kind in ("weight", "bias")
            ),
            *(
                f"head.motion_modules.{module}.temporal_transformer.transformer_blocks.0."
                f"attention_blocks.{block}.pos_encoder.pe"
                for module in range(4)
                for block in range(2)
            ),
        }
    )

    def __init__(self, sizes: Sizes):
        super().__init__()
        self.side = _SIDE
        self.taken = sizes.taken
        self.pretrained = Backbone(sizes.backbone, _OFFSET, _EPSILON)
        self.head = Head(sizes.backbone.width, sizes.widths, sizes.fused)

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        """Run the network.

        Args:
            window: (frames, 3, h, w), normalized, both sides multiples of 14, at most `WINDOW`
                frames.

        Returns:
            (frames, h, w) float32, 0 or more, larger for what is nearer.
        """
        grid = [side // PATCH for side in window.shape[2:]]
        maps: list[list[torch.Tensor]] = [[] for _ in self.taken]
        for frames in window.split(_TOGETHER):
            after = self.pretrained(frames)
            for found, block in zip(maps, self.taken, strict=True):
                tokens = self.pretrained.norm(after[block])[:, 1:]
                found.append(tokens.transpose(1, 2).unflatten(2, grid))
        disparity = self.head([torch.cat(each) for each in maps], window.shape[2:])
        return F.relu(disparity)[:, 0]

    @torch.no_grad()
    def predict(self, frames: torch.Tensor) -> torch.Tensor:
        """Estimate the disparity of a window.

        Args:
            frames: (frames, 3, h, w) float in 0..255, as of `seen`, at most `WINDOW` of them.

        Returns:
            (frames, h, w) float32.
        """
        dtype = next(self.parameters()).dtype
        return self(normalize(frames).to(dtype)).float()

    def seen(self, picture: torch.Tensor) -> torch.Tensor:
        """Resize a picture (1, 3, H, W), float in 0..255, to what the network sees of it."""
        size = seen_size(*picture.shape[2:], self.side)
        return F.interpolate(picture.float(), size, mode="bicubic")


def seen_size(height: int, width: int, side: int) -> tuple[int, int]:
    """Height and width that the network sees of a picture, multiples of 14 about as long as it.

    Args:
        height: Of the picture, pixels.
        width: Likewise.
        side: Length of the shorter side, pixels.
    """
    ratio = max(height, width) / min(height, width)
    if ratio > _LONG:
        side = max(1, round(int(side * 1.777 / ratio) / PATCH)) * PATCH
    scale = side / min(height, width)

    def fitted(length: int) -> int:
        patches = round(scale * length / PATCH)
        return PATCH * (patches if patches * PATCH >= side else -(-side // PATCH))

    return fitted(height), fitted(width)
