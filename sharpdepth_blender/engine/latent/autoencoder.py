"""The autoencoder of latent diffusion, `AutoencoderKL` of diffusers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from ..errors import EngineError
from ..network import Network
from .blocks import Attention, Residual, Upsample, activate

EPSILON = 1e-6
OVERLAP = 4  # a tile shares this part of its side with the next
# The attention's names in files of before 2023, as Stable Diffusion 2 has them.
OLDER = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}


@dataclass(frozen=True)
class Posterior:
    """Distribution of a latent, of which the method takes the mean, (B, C, h, w)."""

    mean: torch.Tensor


@dataclass(frozen=True)
class Encoded:
    """What `encode` answers, by diffusers' name."""

    latent_dist: Posterior


@dataclass(frozen=True)
class Decoded:
    """What `decode` answers, by diffusers' name: (B, C, h, w)."""

    sample: torch.Tensor


class Autoencoder(Network, kind="AutoencoderKL"):
    """Encodes pictures to latents and decodes them.

    Args:
        in_channels: Channels of a picture.
        out_channels: Channels of a decoded picture.
        down_block_types: Of the encoder; only convolutions are known.
        up_block_types: Of the decoder, likewise.
        block_out_channels: Channels of each level, the finest first.
        layers_per_block: Residual blocks of a level of the encoder; the decoder has one more.
        act_fn: Activation; only `silu` is known.
        latent_channels: Channels of a latent.
        norm_num_groups: Groups of every normalization.
        sample_size: Side of the pictures in training, pixels.
        scaling_factor: What latents are multiplied by, by whoever uses them.
        mid_block_add_attention: Whether there is attention at the coarsest level.
        use_quant_conv: Whether a convolution follows the encoder.
        use_post_quant_conv: Whether a convolution precedes the decoder.

    Attributes:
        tile_sample_min_size: Side of a tile, pixels, after `enable_tiling`.
        tile_latent_min_size: The same in latents.

    Raises:
        EngineError: `weights_missing`, if the config asks for what is not known.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        down_block_types: Sequence[str] = ("DownEncoderBlock2D",),
        up_block_types: Sequence[str] = ("UpDecoderBlock2D",),
        block_out_channels: Sequence[int] = (64,),
        layers_per_block: int = 1,
        act_fn: str = "silu",
        latent_channels: int = 4,
        norm_num_groups: int = 32,
        sample_size: int = 32,
        scaling_factor: float = 0.18215,
        mid_block_add_attention: bool = True,
        use_quant_conv: bool = True,
        use_post_quant_conv: bool = True,
    ):
        config = {name: value for name, value in locals().items() if name in _ARGUMENTS}
        super().__init__(**config)
        known = {"DownEncoderBlock2D", "UpDecoderBlock2D", "silu"}
        if unknown := {*down_block_types, *up_block_types, act_fn} - known:
            raise EngineError(
                "weights_missing", f"The autoencoder has a {min(unknown)}, which is not supported."
            )
        widths, common = list(block_out_channels), (norm_num_groups, mid_block_add_attention)
        self.encoder = Encoder(in_channels, widths, layers_per_block, 2 * latent_channels, *common)
        self.decoder = Decoder(latent_channels, widths, layers_per_block, out_channels, *common)
        if use_quant_conv:
            self.quant_conv = nn.Conv2d(2 * latent_channels, 2 * latent_channels, 1)
        if use_post_quant_conv:
            self.post_quant_conv = nn.Conv2d(latent_channels, latent_channels, 1)
        self.tile_sample_min_size = sample_size
        self.tile_latent_min_size = sample_size // self._factor
        self._tiled = False

    @staticmethod
    def current_name(tensor: str) -> str:
        """See `Network.current_name`."""
        *front, layer, kind = tensor.split(".")
        return ".".join([*front, OLDER.get(layer, layer), kind])

    @property
    def _factor(self) -> int:
        return 2 ** (len(self.config.block_out_channels) - 1)

    def enable_tiling(self) -> None:
        """Compute larger pictures in tiles, which takes less memory and is less accurate."""
        self._tiled = True

    def encode(self, picture: torch.Tensor) -> Encoded:
        """Encode a picture, (B, C, h, w) in -1..1, both sides multiples of the factor."""
        _bring(self)
        side = self.tile_sample_min_size if self._tiled else 0
        moments = in_tiles(self._encode, picture, side, 1, self._factor)
        return Encoded(Posterior(moments.chunk(2, 1)[0]))

    def decode(self, latent: torch.Tensor) -> Decoded:
        """Decode a latent, (B, C, h, w)."""
        _bring(self)
        side = self.tile_latent_min_size if self._tiled else 0
        return Decoded(in_tiles(self._decode, latent, side, self._factor, 1))

    def _encode(self, picture):
        moments = self.encoder(picture)
        return self.quant_conv(moments) if hasattr(self, "quant_conv") else moments

    def _decode(self, latent):
        if hasattr(self, "post_quant_conv"):
            latent = self.post_quant_conv(latent)
        return self.decoder(latent)


_ARGUMENTS = set(Autoencoder.__init__.__annotations__)


def _bring(network) -> None:
    """Have accelerate bring an offloaded network to its device, as `forward` does by itself."""
    if hasattr(network, "_hf_hook"):
        network._hf_hook.pre_forward(network)


def in_tiles(
    work: Callable[[torch.Tensor], torch.Tensor],
    whole: torch.Tensor,
    side: int,
    larger: int,
    smaller: int,
) -> torch.Tensor:
    """Do work that enlarges or reduces maps, on overlapping tiles whose answers are blended.

    Args:
        work: From (B, C, h, w) to (B, C', h · larger / smaller, w · larger / smaller).
        whole: What it is done on.
        side: Side of a tile; 0 to do it on the whole.
        larger: Factor by which the answer is larger.
        smaller: Factor by which it is smaller.
    """
    height, width = whole.shape[2:]
    if not side or max(height, width) <= side:
        return work(whole)
    answer = total = None
    for rows in _tiles(height, side, smaller):
        for columns in _tiles(width, side, smaller):
            tile = work(whole[:, :, rows, columns])
            if answer is None:
                sides = (side * larger // smaller for side in (height, width))
                answer = tile.new_zeros(*tile.shape[:2], *sides)
                total = tile.new_zeros(answer.shape[2:])
            ramps = (_ramp(count, side * larger // smaller, tile) for count in tile.shape[2:])
            weight = torch.outer(*ramps)
            place = [
                slice(part.start * larger // smaller, part.stop * larger // smaller)
                for part in (rows, columns)
            ]
            answer[:, :, place[0], place[1]] += tile * weight
            total[place[0], place[1]] += weight
    return answer / total


def _tiles(length: int, side: int, smaller: int) -> list[slice]:
    """Return the parts of a length, each as long as a tile, on multiples of the factor."""
    step = (side - side // OVERLAP) // smaller * smaller
    starts = [*range(0, max(length - side, 0), step), max(length - side, 0)]
    return [slice(start, min(start + side, length)) for start in starts]


def _ramp(count: int, side: int, like: torch.Tensor) -> torch.Tensor:
    """Return weights that fall towards both ends, over the part that tiles share."""
    places = torch.arange(count, device=like.device, dtype=torch.float32)
    from_end = torch.minimum(places, count - 1 - places) + 0.5
    return (from_end / (side / OVERLAP)).clamp_max(1).to(like.dtype)


def _each(levels) -> list[nn.Module]:
    return [block for level in levels for block in level.blocks()]


class Encoder(nn.Module):
    """From a picture to the moments of its latent.

    Args:
        seen: Channels of the input.
        widths: Channels of each level, the finest first.
        layers: Residual blocks of a level.
        answer: Channels of the output.
        groups: Of every normalization.
        attention: Whether the coarsest level has it.
    """

    def __init__(
        self, seen: int, widths: list[int], layers: int, answer: int, groups: int, attention: bool
    ):
        super().__init__()
        self.conv_in = nn.Conv2d(seen, widths[0], 3, padding=1)
        self.down_blocks = nn.ModuleList()
        for level, width in enumerate(widths):
            down = Downsample(width) if level < len(widths) - 1 else None
            self.down_blocks.append(Level(widths[max(level - 1, 0)], width, layers, groups, down))
        self.mid_block = Middle(widths[-1], groups, attention)
        self.conv_norm_out = nn.GroupNorm(groups, widths[-1], EPSILON)
        self.conv_out = nn.Conv2d(widths[-1], answer, 3, padding=1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Picture, (B, seen, h, w), to (B, answer, h / factor, w / factor)."""
        features = self.conv_in(features)
        for block in (*_each(self.down_blocks), *self.mid_block.blocks()):
            features = block(features)
        return self.conv_out(activate(self.conv_norm_out, features))


class Decoder(nn.Module):
    """From a latent to its picture. Arguments as for `Encoder`."""

    def __init__(
        self, seen: int, widths: list[int], layers: int, answer: int, groups: int, attention: bool
    ):
        super().__init__()
        widths = widths[::-1]
        self.conv_in = nn.Conv2d(seen, widths[0], 3, padding=1)
        self.mid_block = Middle(widths[0], groups, attention)
        self.up_blocks = nn.ModuleList()
        for level, width in enumerate(widths):
            up = Upsample(width) if level < len(widths) - 1 else None
            self.up_blocks.append(
                Level(widths[max(level - 1, 0)], width, layers + 1, groups, up=up)
            )
        self.conv_norm_out = nn.GroupNorm(groups, widths[-1], EPSILON)
        self.conv_out = nn.Conv2d(widths[-1], answer, 3, padding=1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Latent, (B, seen, h, w), to (B, answer, h · factor, w · factor)."""
        features = self.conv_in(features)
        for block in (*self.mid_block.blocks(), *_each(self.up_blocks)):
            features = block(features)
        return self.conv_out(activate(self.conv_norm_out, features))


class Level(nn.Module):
    """Residual blocks of one size, then the way to the next.

    Args:
        seen: Channels of the input.
        width: Channels of the output.
        layers: Number of residual blocks.
        groups: Of every normalization.
        down: To the next coarser level.
        up: To the next finer one.
    """

    def __init__(self, seen: int, width: int, layers: int, groups: int, down=None, up=None):
        super().__init__()
        self.resnets = nn.ModuleList(
            Residual(width if layer else seen, width, groups, EPSILON) for layer in range(layers)
        )
        if down is not None:
            self.downsamplers = nn.ModuleList([down])
        if up is not None:
            self.upsamplers = nn.ModuleList([up])

    def blocks(self) -> list[nn.Module]:
        """Return its blocks in order. Whoever calls them holds no more than one's input."""
        ways = (*getattr(self, "downsamplers", ()), *getattr(self, "upsamplers", ()))
        return [*self.resnets, *ways]


class Downsample(nn.Module):
    """Halves the size, by a 3x3 convolution that looks right and down."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Features, (B, width, h, w), at half their size."""
        return self.conv(F.pad(features, (0, 1, 0, 1)))


class Middle(nn.Module):
    """Two residual blocks at the coarsest level, and attention between them."""

    def __init__(self, width: int, groups: int, attention: bool):
        super().__init__()
        self.resnets = nn.ModuleList(Residual(width, width, groups, EPSILON) for _ in range(2))
        if attention:
            self.attentions = nn.ModuleList([PixelAttention(width, groups)])

    def blocks(self) -> list[nn.Module]:
        """See `Level.blocks`."""
        return [self.resnets[0], *getattr(self, "attentions", ()), self.resnets[1]]


class PixelAttention(Attention):
    """Attention of all pixels to each other, with a skip connection."""

    def __init__(self, width: int, groups: int):
        super().__init__(width, heads=1, bias=True)
        self.group_norm = nn.GroupNorm(groups, width, EPSILON)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Features of the same shape."""
        tokens = self.group_norm(features).flatten(2).transpose(1, 2)
        return features + super().forward(tokens).transpose(1, 2).unflatten(2, features.shape[2:])
