"""Depth Anything at a size for tests: what its config and its descendants' need."""

from transformers import Dinov2Config

STAGES = ["stage1", "stage2", "stage3", "stage4"]


def tiny_settings():
    return {
        "backbone_config": Dinov2Config(
            hidden_size=16,
            num_hidden_layers=4,
            num_attention_heads=2,
            image_size=28,
            patch_size=14,
            out_features=STAGES,
            reshape_hidden_states=False,
        ),
        "reassemble_hidden_size": 16,
        "neck_hidden_sizes": [8, 8, 16, 16],
        "fusion_hidden_size": 8,
        "head_hidden_size": 8,
        "depth_estimation_type": "metric",
    }
