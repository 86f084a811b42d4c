"""DINOv2 (Oquab et al., arXiv 2304.07193) from transformers, as metric depth models use it."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn
from transformers import Dinov2Config, Dinov2Model

PATCH = 14  # side of a patch, pixels
TRAINED_SIDE = 37  # side of the trained positional embedding, tokens


@dataclass(frozen=True)
class VisionTransformer:
    """Sizes of one backbone.

    Attributes:
        width: Channels per token.
        depth: Number of blocks.
        heads: Attention heads per block.
        levels: Last block of each of the four feature levels, counted from 1.
    """

    width: int
    depth: int
    heads: int
    levels: tuple[int, int, int, int]


VISION_TRANSFORMERS = {
    "dinov2_vits14": VisionTransformer(384, 12, 6, (3, 6, 9, 12)),
    "dinov2_vitb14": VisionTransformer(768, 12, 12, (3, 6, 9, 12)),
    "dinov2_vitl14": VisionTransformer(1024, 24, 16, (5, 12, 18, 24)),
}


def normalize(picture: torch.Tensor) -> torch.Tensor:
    """Normalize a picture in 0..255, (B, 3, h, w), by ImageNet mean and deviation, in float32."""
    mean = torch.tensor([0.485, 0.456, 0.406], device=picture.device)[:, None, None]
    deviation = torch.tensor([0.229, 0.224, 0.225], device=picture.device)[:, None, None]
    return (picture.float() / 255 - mean) / deviation


class Backbone(nn.Module):
    """Tokens of a picture after every block.

    Args:
        sizes: Sizes of the backbone.
        position_offset: Tokens that the original DINOv2 code adds to both sides before resizing the
            positional embedding; all but UniDepth V2 were trained with it.
        norm_epsilon: Epsilon of `norm`. DINOv2 has 1e-6 there as in its blocks, UniDepth and Depth
            Anything 3 have 1e-5.
    """

    def __init__(
        self, sizes: VisionTransformer, position_offset: float = 0.0, norm_epsilon: float = 1e-5
    ):
        super().__init__()
        self.position_offset = position_offset
        self.dinov2 = Dinov2Model(
            Dinov2Config(
                hidden_size=sizes.width,
                num_hidden_layers=sizes.depth,
                num_attention_heads=sizes.heads,
                image_size=TRAINED_SIDE * PATCH,
                patch_size=PATCH,
                use_mask_token=False,
                attn_implementation="sdpa",
            )
        )
        self.dinov2.layernorm.eps = norm_epsilon

    def forward(self, picture: torch.Tensor) -> list[torch.Tensor]:
        """The class token and the patches, row-major, after each block.

        Args:
            picture: Output of `normalize`, (B, 3, h, w), both sides multiples of 14.

        Returns:
            For each block (B, 1 + h / 14 * w / 14, width), not normalized.
        """
        embeddings = self.dinov2.embeddings
        patches = embeddings.patch_embeddings(picture)
        first = embeddings.cls_token.expand(len(patches), -1, -1)
        height, width = (side // PATCH for side in picture.shape[2:])
        tokens = torch.cat([first, patches], dim=1) + self.positions(height, width)
        after = []
        for block in self.dinov2.encoder.layer:
            tokens = block(tokens)
            after.append(tokens)
        return after

    def norm(self, tokens: torch.Tensor) -> torch.Tensor:
        """Normalize tokens; some networks do so after every block that they use, some never."""
        return self.dinov2.layernorm(tokens)

    def positions(self, height: int, width: int) -> torch.Tensor:
        """Return the positional embedding of the class token and height x width patches."""
        learned = self.dinov2.embeddings.position_embeddings
        if height == width == TRAINED_SIDE:
            return learned
        first, patches = learned[:, :1], learned[:, 1:]
        square = patches.transpose(1, 2).unflatten(2, (TRAINED_SIDE, TRAINED_SIDE)).float()
        if self.position_offset:
            scale = [(side + self.position_offset) / TRAINED_SIDE for side in (height, width)]
            resized = F.interpolate(square, scale_factor=scale, mode="bicubic")
        else:
            resized = F.interpolate(square, (height, width), mode="bicubic")
        return torch.cat([first, resized.flatten(2).transpose(1, 2).to(first)], dim=1)


RELEASED_NAMES = {
    "dinov2.embeddings.cls_token": "cls_token",
    "dinov2.embeddings.position_embeddings": "pos_embed",
    "dinov2.embeddings.patch_embeddings.projection": "patch_embed.proj",
    "dinov2.encoder.layer": "blocks",
    "dinov2.layernorm": "norm",
    "attention.q_proj": "attn.qkv",
    "attention.k_proj": "attn.qkv",
    "attention.v_proj": "attn.qkv",
    "attention.o_proj": "attn.proj",
    "layer_scale1.lambda1": "ls1.gamma",
    "layer_scale2.lambda1": "ls2.gamma",
}


def released_name(name: str) -> tuple[str, int | None]:
    """Map a backbone parameter to a released checkpoint.

    Returns:
        Its name there, and which third of the rows it is (queries, keys and values share one
        tensor); None for all rows.
    """
    third = next((i for i, part in enumerate("qkv") if f"attention.{part}_proj" in name), None)
    for ours, released in RELEASED_NAMES.items():
        name = name.replace(ours, released)
    return name, third
