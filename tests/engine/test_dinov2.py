"""What UniDepth takes of DINOv2 otherwise than transformers does."""

import torch
import torch.nn.functional as F

from sharpdepth_blender.engine.dinov2 import Backbone, VisionTransformer

SIZES = VisionTransformer(width=32, depth=1, heads=2, levels=(1, 1, 1, 1))


def test_the_norm_after_blocks_is_not_the_norm_inside_them():
    backbone = Backbone(SIZES)
    faint = 1e-3 * torch.randn(1, 5, 32, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(backbone.norm(faint), F.layer_norm(faint, (32,), eps=1e-5))
    block = backbone.dinov2.encoder.layer[0]
    assert block.norm1.eps == block.norm2.eps == 1e-6


def test_positions_are_used_as_learnt_at_the_size_they_were_learnt_on():
    for offset in (0.0, 0.1):
        backbone = Backbone(SIZES, offset)
        learnt = backbone.dinov2.embeddings.position_embeddings
        assert torch.equal(backbone.positions(37, 37), learnt)


def test_positions_are_resized_in_float32_and_rounded_once():
    for offset in (0.0, 0.1):
        backbone = Backbone(SIZES, offset).bfloat16()
        rounded = backbone.positions(9, 12)
        exact = backbone.float().positions(9, 12)
        assert rounded.dtype == torch.bfloat16
        assert torch.equal(rounded, exact.bfloat16())


def test_the_backbone_uses_the_attention_of_pytorch():
    assert Backbone(SIZES).dinov2.config._attn_implementation == "sdpa"
