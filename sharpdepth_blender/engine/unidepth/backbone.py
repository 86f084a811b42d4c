"""DINOv2 (Oquab et al., arXiv 2304.07193), as transformers has it."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn
from transformers import Dinov2Config, Dinov2Model

PATCH = 14  # pixels along one side of a token
TRAINED_SIDE = 37  # tokens along one side of the pictures that the positions were learnt on


@dataclass(frozen=True)
class VisionTransformer:
    """Sizes of one backbone.

    Attributes:
        width: Channels of a token.
        depth: Blocks.
        heads: Attention heads of a block.
        levels: The last block of each of the four levels of features, counted from 1.
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
    """A picture in 0..255, (B, 3, h, w), by mean and deviation of ImageNet's, in float32."""
    mean = torch.tensor([0.485, 0.456, 0.406], device=picture.device)[:, None, None]
    deviation = torch.tensor([0.229, 0.224, 0.225], device=picture.device)[:, None, None]
    return (picture.float() / 255 - mean) / deviation


class Backbone(nn.Module):
    """Tokens of a picture after every block.

    Args:
        sizes: Which of the backbones.
        position_offset: Tokens that DINOv2's own code adds to both sides before it resizes the
            learnt positions; UniDepth V1 was trained with it.
    """

    def __init__(self, sizes: VisionTransformer, position_offset: float = 0.0):
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
        # UniDepth's norm of what leaves the blocks is not DINOv2's 1e-6, which holds inside them.
        self.dinov2.layernorm.eps = 1e-5

    def forward(self, picture: torch.Tensor) -> list[torch.Tensor]:
        """The class token and the patches, row-major, after each block.

        Args:
            picture: As `normalize` makes it, (B, 3, h, w), both sides multiples of 14.

        Returns:
            For each block (B, 1 + h / 14 * w / 14, width), not normed.
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
        """The norm that UniDepth V2 takes of every block's tokens, and V1 of none."""
        return self.dinov2.layernorm(tokens)

    def positions(self, height: int, width: int) -> torch.Tensor:
        """Positional embedding of the class token and of height x width patches."""
        learnt = self.dinov2.embeddings.position_embeddings
        if height == width == TRAINED_SIDE:
            return learnt
        first, patches = learnt[:, :1], learnt[:, 1:]
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
    """Where a parameter of the backbone lies in a released checkpoint.

    Returns:
        Its name there, and which third of the rows it is (of queries, keys and values, which lie
        in one tensor), None for all of it.
    """
    third = next((i for i, part in enumerate("qkv") if f"attention.{part}_proj" in name), None)
    for ours, released in RELEASED_NAMES.items():
        name = name.replace(ours, released)
    return name, third
