"""The U-Net of latent diffusion, `UNet2DConditionModel` of diffusers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from ..errors import EngineError
from ..network import Network
from .blocks import Attention, Residual, Upsample, activate

# Block types, and whether the blocks have attention.
DOWN = {"DownBlock2D": False, "CrossAttnDownBlock2D": True}
UP = {"UpBlock2D": False, "CrossAttnUpBlock2D": True}
# What a config may also say, with the only value that is supported.
FIXED = {
    "act_fn": "silu",
    "attention_type": "default",
    "center_input_sample": False,
    "class_embeddings_concat": False,
    "conv_in_kernel": 3,
    "conv_out_kernel": 3,
    "downsample_padding": 1,
    "dual_cross_attention": False,
    "mid_block_scale_factor": 1,
    "mid_block_type": "UNetMidBlock2DCrossAttn",
    "resnet_out_scale_factor": 1.0,
    "resnet_skip_time_act": False,
    "resnet_time_scale_shift": "default",
    "time_embedding_type": "positional",
    "transformer_layers_per_block": 1,
} | dict.fromkeys(
    (
        "addition_embed_type",
        "cross_attention_norm",
        "encoder_hid_dim",
        "encoder_hid_dim_type",
        "mid_block_only_cross_attention",
        "num_attention_heads",
        "num_class_embeds",
        "only_cross_attention",
        "reverse_transformer_layers_per_block",
        "time_cond_proj_dim",
        "time_embedding_act_fn",
        "time_embedding_dim",
        "timestep_post_act",
    )
)


@dataclass(frozen=True)
class Predicted:
    """What the network answers, by diffusers' name: (B, C, h, w)."""

    sample: torch.Tensor


class UNet(Network, kind="UNet2DConditionModel"):
    """Predicts a latent from latents, a timestep, a prompt and class labels.

    Args:
        sample_size: Side of the latents in training.
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        down_block_types: One of `DOWN` for each level, the finest first.
        up_block_types: One of `UP` for each level, the coarsest first.
        block_out_channels: Channels of each level.
        layers_per_block: Residual blocks of a level on the way down; on the way up one more.
        attention_head_dim: Heads of the attention, of each level or of all; diffusers' name is
            wrong.
        cross_attention_dim: Features of a prompt's token.
        norm_num_groups: Groups of every normalization.
        norm_eps: Epsilon of the residual blocks' normalizations.
        use_linear_projection: Whether attention is entered and left by linear layers instead of
            1x1 convolutions.
        class_embed_type: `projection`, or None without class labels.
        projection_class_embeddings_input_dim: Numbers of a class label.
        flip_sin_to_cos: Whether cosines are first in the timestep's encoding.
        freq_shift: Of that encoding.
        **others: As in `FIXED`; what else a config says does not matter here.

    Raises:
        EngineError: `weights_missing`, if the config asks for what is not known.
    """

    def __init__(
        self,
        sample_size: int | None = None,
        in_channels: int = 4,
        out_channels: int = 4,
        down_block_types: Sequence[str] = ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types: Sequence[str] = ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        block_out_channels: Sequence[int] = (320, 640, 1280, 1280),
        layers_per_block: int = 2,
        attention_head_dim: int | Sequence[int] = 8,
        cross_attention_dim: int = 1280,
        norm_num_groups: int = 32,
        norm_eps: float = 1e-5,
        use_linear_projection: bool = False,
        class_embed_type: str | None = None,
        projection_class_embeddings_input_dim: int | None = None,
        flip_sin_to_cos: bool = True,
        freq_shift: int = 0,
    ):
        config = {name: value for name, value in locals().items() if name in _ARGUMENTS}
        super().__init__(**config)
        known = {*DOWN, *UP, "projection", None}
        if unknown := {*down_block_types, *up_block_types, class_embed_type} - known:
            raise _unknown(min(unknown))
        widths, count = list(block_out_channels), len(block_out_channels)
        heads = attention_head_dim
        heads = [heads] * count if isinstance(heads, int) else list(heads)
        time, first = 4 * widths[0], widths[0]
        style = {
            "groups": norm_num_groups,
            "epsilon": norm_eps,
            "time": time,
            "prompt": cross_attention_dim,
            "linear": use_linear_projection,
        }

        self.time_proj = Timesteps(first, flip_sin_to_cos, freq_shift)
        self.time_embedding = Embedding(first, time)
        if class_embed_type:
            self.class_embedding = Embedding(projection_class_embeddings_input_dim, time)
        self.conv_in = nn.Conv2d(in_channels, first, 3, padding=1)
        skips, self.down_blocks = [first], nn.ModuleList()
        for level, (kind, width) in enumerate(zip(down_block_types, widths, strict=True)):
            seen = [skips[-1], *[width] * (layers_per_block - 1)]
            more = level < count - 1
            attended = heads[level] if DOWN[kind] else 0
            self.down_blocks.append(Down(seen, width, attended, more, **style))
            skips += [width] * (layers_per_block + more)
        self.mid_block = Middle(widths[-1], heads[-1], **style)
        self.up_blocks, below = nn.ModuleList(), widths[-1]
        for level, kind in zip(range(count - 1, -1, -1), up_block_types, strict=True):
            width, seen = widths[level], []
            for _ in range(layers_per_block + 1):
                seen.append(below + skips.pop())
                below = width
            self.up_blocks.append(Up(seen, width, heads[level] if UP[kind] else 0, level, **style))
        self.conv_norm_out = nn.GroupNorm(norm_num_groups, first, norm_eps)
        self.conv_out = nn.Conv2d(first, out_channels, 3, padding=1)

    @classmethod
    def from_config(cls, config: dict) -> "UNet":
        """See `Network.from_config`."""
        for name, value in FIXED.items():
            if config.get(name, value) != value and config[name] not in (False, None):
                raise _unknown(f"{name} of {config[name]}")
        return super().from_config(config)

    def forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        class_labels: torch.Tensor | None = None,
    ) -> Predicted:
        """Predict a latent.

        Args:
            sample: (B, in_channels, h, w).
            timestep: (B,) integers.
            encoder_hidden_states: The prompt, (B, tokens, features).
            class_labels: (B, numbers).
        """
        time = self.time_embedding(self.time_proj(timestep).to(sample.dtype))
        if hasattr(self, "class_embedding"):
            time = time + self.class_embedding(class_labels)
        features = self.conv_in(sample)
        skips = [features]
        for block in self.down_blocks:
            features = block(features, time, encoder_hidden_states, skips)
        features = self.mid_block(features, time, encoder_hidden_states)
        for block in self.up_blocks:
            features = block(features, time, encoder_hidden_states, skips)
        return Predicted(self.conv_out(activate(self.conv_norm_out, features)))


_ARGUMENTS = set(UNet.__init__.__annotations__)


def _unknown(what: str) -> EngineError:
    return EngineError("weights_missing", f"The U-Net has a {what}, which is not supported.")


class Timesteps(nn.Module):
    """Sines and cosines of timesteps.

    Args:
        count: How many, both together.
        cosines_first: Their order.
        shift: What the number of frequencies is less by, in their steps.
    """

    def __init__(self, count: int, cosines_first: bool, shift: int):
        super().__init__()
        self.count, self.cosines_first, self.shift = count, cosines_first, shift

    def forward(self, timestep: torch.Tensor) -> torch.Tensor:
        """Timesteps, (B,), to (B, count) float32."""
        half = self.count // 2
        powers = torch.arange(half, dtype=torch.float32, device=timestep.device)
        frequencies = (-math.log(10000) * powers / (half - self.shift)).exp()
        angles = timestep[:, None].float() * frequencies
        pair = angles.sin(), angles.cos()
        return torch.cat(pair[::-1] if self.cosines_first else pair, 1)


class Embedding(nn.Module):
    """Two linear layers."""

    def __init__(self, seen: int, width: int):
        super().__init__()
        self.linear_1 = nn.Linear(seen, width)
        self.linear_2 = nn.Linear(width, width)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Values, (B, seen), to (B, width)."""
        return self.linear_2(F.silu(self.linear_1(values)))


class Level(nn.Module):
    """Residual blocks of one size, with attention after each or without.

    Args:
        seen: Channels that each residual block gets.
        width: Channels of each.
        heads: Of the attention after each; 0 without.
        prompt: Features of a prompt's token.
        linear: See `UNet`.
        **style: Of `Residual`.
    """

    def __init__(self, seen, width, heads, prompt, linear, **style):
        super().__init__()
        self.resnets = nn.ModuleList(Residual(each, width, **style) for each in seen)
        if heads:
            self.attentions = nn.ModuleList(
                Transformer(width, heads, style["groups"], prompt, linear) for _ in seen
            )

    def block(self, layer: int, features, time, prompt) -> torch.Tensor:
        """Features, (B, width, h, w), after one block and its attention."""
        features = self.resnets[layer](features, time)
        if hasattr(self, "attentions"):
            features = self.attentions[layer](features, prompt)
        return features


class Down(Level):
    """A level on the way down; arguments as for `Level`, and whether a coarser one follows."""

    def __init__(self, seen, width, heads, more, prompt, linear, **style):
        super().__init__(seen, width, heads, prompt, linear, **style)
        if more:
            self.downsamplers = nn.ModuleList([Downsample(width)])

    def forward(self, features, time, prompt, skips: list[torch.Tensor]) -> torch.Tensor:
        """Features at the next level's size; adds to `skips` what the way up needs."""
        for layer in range(len(self.resnets)):
            features = self.block(layer, features, time, prompt)
            skips.append(features)
        for block in getattr(self, "downsamplers", ()):
            features = block(features)
            skips.append(features)
        return features


class Up(Level):
    """A level on the way up; arguments as for `Level`, and whether a finer one follows."""

    def __init__(self, seen, width, heads, more, prompt, linear, **style):
        super().__init__(seen, width, heads, prompt, linear, **style)
        if more:
            self.upsamplers = nn.ModuleList([Upsample(width)])

    def forward(self, features, time, prompt, skips: list[torch.Tensor]) -> torch.Tensor:
        """Features at the next level's size; takes from `skips`."""
        for layer in range(len(self.resnets)):
            joined = torch.cat([features, skips.pop()], 1)
            features = self.block(layer, joined, time, prompt)
        for block in getattr(self, "upsamplers", ()):
            features = block(features, skips[-1].shape[2:])
        return features


class Downsample(nn.Module):
    """Halves the size, by a 3x3 convolution."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Features, (B, width, h, w), at half their size, rounded up."""
        return self.conv(features)


class Middle(nn.Module):
    """Two residual blocks at the coarsest level, and attention between them."""

    def __init__(self, width, heads, prompt, linear, **style):
        super().__init__()
        self.resnets = nn.ModuleList(Residual(width, width, **style) for _ in range(2))
        attention = Transformer(width, heads, style["groups"], prompt, linear)
        self.attentions = nn.ModuleList([attention])

    def forward(self, features, time, prompt) -> torch.Tensor:
        """Features of the same shape."""
        features = self.attentions[0](self.resnets[0](features, time), prompt)
        return self.resnets[1](features, time)


class Transformer(nn.Module):
    """Attention of all pixels to each other and to the prompt, with a skip connection."""

    def __init__(self, width: int, heads: int, groups: int, prompt: int, linear: bool):
        super().__init__()
        self.norm = nn.GroupNorm(groups, width, 1e-6)
        ends = [nn.Linear(width, width) if linear else nn.Conv2d(width, width, 1) for _ in range(2)]
        self.linear = linear
        self.proj_in, self.proj_out = ends
        self.transformer_blocks = nn.ModuleList([TransformerBlock(width, heads, prompt)])

    def forward(self, features: torch.Tensor, prompt: torch.Tensor) -> torch.Tensor:
        """Features of the same shape."""
        inside, size = self.norm(features), features.shape[2:]
        if not self.linear:
            inside = self.proj_in(inside)
        tokens = inside.flatten(2).transpose(1, 2)
        if self.linear:
            tokens = self.proj_in(tokens)
        tokens = self.transformer_blocks[0](tokens, prompt)
        if self.linear:
            tokens = self.proj_out(tokens)
        inside = tokens.transpose(1, 2).unflatten(2, size)
        return features + (inside if self.linear else self.proj_out(inside))


class TransformerBlock(nn.Module):
    """Self-attention, attention to the prompt, and an MLP, each after a normalization."""

    def __init__(self, width: int, heads: int, prompt: int):
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.attn1 = Attention(width, heads)
        self.attn2 = Attention(width, heads, prompt)
        self.ff = Perceptron(width)

    def forward(self, tokens: torch.Tensor, prompt: torch.Tensor) -> torch.Tensor:
        """Tokens, (B, count, width), likewise."""
        tokens = tokens + self.attn1(self.norm1(tokens))
        tokens = tokens + self.attn2(self.norm2(tokens), prompt)
        return tokens + self.ff(self.norm3(tokens))


class Perceptron(nn.Module):
    """Two linear layers with a gated GELU between (Shazeer, arXiv 2002.05202)."""

    def __init__(self, width: int):
        super().__init__()
        gated = nn.Module()
        gated.proj = nn.Linear(width, 8 * width)
        # The names are diffusers'; between the two is a dropout of nothing.
        self.net = nn.ModuleList([gated, nn.Identity(), nn.Linear(4 * width, width)])

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Tokens, (B, count, width), likewise."""
        values, gate = self.net[0].proj(tokens).chunk(2, -1)
        return self.net[2](values * F.gelu(gate))
