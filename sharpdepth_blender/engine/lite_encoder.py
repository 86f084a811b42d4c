"""EfficientNet-Lite0 as an image encoder (Tan and Le, 2019), with its normalization folded in."""

import torch
import torch.nn.functional as F
from torch import nn

# Expansion, kernel, stride, channels, blocks of each stage.
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
STEM = 32  # channels
TAPPED = (1, 2, 4, 6)  # stages whose output is returned
WIDTHS = tuple(STAGES[stage][3] for stage in TAPPED)


class LiteEncoder(nn.Module):
    """Features of a picture at a quarter, an eighth, a sixteenth and a thirty-second of its size.

    Batch normalization is folded into the convolutions (`training/image_net.py`), so every layer
    is a convolution with a bias.
    """

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, STEM, 3, stride=2)
        self.stages = nn.ModuleList()
        width = STEM
        for expansion, kernel, stride, channels, count in STAGES:
            blocks = []
            for block in range(count):
                pace = stride if block == 0 else 1
                blocks.append(InvertedResidual(width, channels, expansion, kernel, pace))
                width = channels
            self.stages.append(nn.Sequential(*blocks))

    def forward(self, picture: torch.Tensor) -> list[torch.Tensor]:
        """Return features, finest first.

        Args:
            picture: (B, 3, h, w) in 0..1; both sides multiples of 32.

        Returns:
            Four tensors (B, `WIDTHS`[i], h / stride, w / stride).
        """
        # The values that the published weights were trained with, 127/255 and 128/255.
        features = F.relu6(self.stem(_padded((picture - 0.498) / 0.502, 3, 2)))
        found = []
        for stage, layers in enumerate(self.stages):
            features = layers(features)
            if stage in TAPPED:
                found.append(features)
        return found


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution and projection, with a skip where shapes agree."""

    def __init__(self, width: int, channels: int, expansion: int, kernel: int, stride: int):
        super().__init__()
        inner = width * expansion
        self.expand = nn.Conv2d(width, inner, 1) if expansion > 1 else None
        self.depthwise = nn.Conv2d(inner, inner, kernel, stride, groups=inner)
        self.project = nn.Conv2d(inner, channels, 1)
        self.skips = stride == 1 and width == channels

    def forward(self, features):
        """Features of `channels` channels."""
        inner = features if self.expand is None else F.relu6(self.expand(features))
        (kernel, _), (stride, _) = self.depthwise.kernel_size, self.depthwise.stride
        projected = self.project(F.relu6(self.depthwise(_padded(inner, kernel, stride))))
        return features + projected if self.skips else projected


def _padded(features, kernel, stride):
    """Pad as TensorFlow's SAME does for sides that the stride divides: more at right and bottom."""
    total = kernel - stride
    return F.pad(features, (total // 2, total - total // 2) * 2)
