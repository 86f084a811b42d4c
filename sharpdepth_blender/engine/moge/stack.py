"""Stack: residual blocks at five levels, each twice the size of the one before."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn


class ResidualBlock(nn.Module):
    """Two convolutions beside the identity, each after an optional norm and a ReLU."""

    def __init__(self, width: int, first_norm: str, second_norm: str):
        super().__init__()
        self.layers = nn.Sequential(
            _norm(first_norm, width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, padding_mode="replicate"),
            _norm(second_norm, width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, padding_mode="replicate"),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (B, width, h, w) to the same shape."""
        return x + self.layers(x)


class Stack(nn.Module):
    """The neck or a head.

    Args:
        config: Of the neck or the head, in the released config: `dim_in`, `dim_res_blocks`,
            `dim_out` (null or a list), `num_res_blocks`, `resamplers`, `res_block_in_norm` and
            `res_block_hidden_norm`.

    Raises:
        KeyError: The config lacks a part, or names a norm or resampler that is not supported.
    """

    def __init__(self, config: dict):
        super().__init__()
        widths = config["dim_res_blocks"]
        outputs = config["dim_out"] or [None] * len(widths)
        first = config.get("res_block_in_norm", "layer_norm")
        second = config.get("res_block_hidden_norm", "group_norm")
        counts = config.get("num_res_blocks", [1] * len(widths))
        self.input_blocks = nn.ModuleList(
            _pointwise(*sides) for sides in zip(config["dim_in"], widths, strict=True)
        )
        self.res_blocks = nn.ModuleList(
            nn.Sequential(*(ResidualBlock(width, first, second) for _ in range(count)))
            for width, count in zip(widths, counts, strict=True)
        )
        self.resamplers = nn.ModuleList(
            RESAMPLERS[kind](*sides)
            for kind, *sides in zip(config["resamplers"], widths[:-1], widths[1:], strict=True)
        )
        self.output_blocks = nn.ModuleList(
            _pointwise(width, output) if output else nn.Identity()
            for width, output in zip(widths, outputs, strict=True)
        )

    def forward(self, levels: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Map one input a level, the coarsest first, to one output a level."""
        outputs = []
        x = self.input_blocks[0](levels[0])
        for index, block in enumerate(self.res_blocks):
            x = block(x)
            outputs.append(self.output_blocks[index](x))
            if index < len(self.resamplers):
                x = self.resamplers[index](x)
                x = x + self.input_blocks[index + 1](levels[index + 1])
        return outputs


def _pointwise(width: int | None, output: int) -> nn.Module:
    return nn.Identity() if width is None else nn.Conv2d(width, output, 1)


def _conv_transpose(width: int, output: int) -> nn.Module:
    return nn.Sequential(
        nn.ConvTranspose2d(width, output, 2, stride=2),
        nn.Conv2d(output, output, 3, padding=1, padding_mode="replicate"),
    )


def _bilinear(width: int, output: int) -> nn.Module:
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
        nn.Conv2d(width, output, 3, padding=1, padding_mode="replicate"),
    )


RESAMPLERS = {"conv_transpose": _conv_transpose, "bilinear": _bilinear}

_NORMS = {
    "none": lambda width: nn.Identity(),
    "layer_norm": lambda width: nn.GroupNorm(1, width),
    "group_norm": lambda width: nn.GroupNorm(width // 32, width),
}


def _norm(kind: str, width: int) -> nn.Module:
    return _NORMS[kind](width)


def uv_plane(height: int, width: int, aspect: float) -> torch.Tensor:
    """Where pixel centers lie, in units of half the picture's diagonal from its middle.

    Args:
        height: Pixels of the plane.
        width: Pixels of the plane.
        aspect: Width / height of the picture that it covers.

    Returns:
        (1, 2, height, width) float32, u to the right and v down.
    """
    diagonal = (1 + aspect**2) ** 0.5
    u = aspect / diagonal * (width - 1) / width
    v = 1 / diagonal * (height - 1) / height
    across, down = torch.linspace(-u, u, width), torch.linspace(-v, v, height)
    return torch.stack(torch.meshgrid(across, down, indexing="xy"))[None]


def resized(values: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Resize (B, C, h, w) bilinearly and without antialiasing, in float32."""
    return F.interpolate(values.float(), tuple(size), mode="bilinear", align_corners=False)
