"""Metric estimators of the catalogue at full size with random weights, as `full_size` has G."""

from collections.abc import Callable
from copy import deepcopy

import torch
from transformers import (
    BeitConfig,
    DepthAnythingConfig,
    DepthAnythingForDepthEstimation,
    DepthProConfig,
    DepthProForDepthEstimation,
    Dinov2Config,
    PromptDepthAnythingConfig,
    PromptDepthAnythingForDepthEstimation,
    ZoeDepthConfig,
    ZoeDepthForDepthEstimation,
)

from sharpdepth_blender.engine.da3.checkpoint import MODELS
from sharpdepth_blender.engine.da3.network import DepthAnything3
from sharpdepth_blender.engine.dinov2 import VISION_TRANSFORMERS
from sharpdepth_blender.engine.estimators import load_estimator
from sharpdepth_blender.engine.metric import MetricEstimator
from sharpdepth_blender.engine.moge.network import MoGe2
from sharpdepth_blender.engine.prompt_depth import PromptDepth
from sharpdepth_blender.engine.transformers_metric import DepthAnything, DepthPro, ZoeDepth
from sharpdepth_blender.engine.unidepth.v2 import UniDepthV2
from sharpdepth_blender.engine.video_depth.checkpoint import MODELS as VIDEO_MODELS
from sharpdepth_blender.engine.video_depth.network import VideoDepthAnything

from .full_size import random_estimator

# Sizes of the networks of the release: the widths of the levels, and of the fused features.
_DPT = {
    "dinov2_vits14": ((48, 96, 192, 384), 64),
    "dinov2_vitl14": ((256, 512, 1024, 1024), 256),
}
_IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
_HALVES = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}


def _unidepth_v2(backbone: str, hidden: int) -> MetricEstimator:
    bounds = {"ratio_bounds": [0.5, 2.5], "pixels_min": 200_000, "pixels_max": 600_000}
    sizes = VISION_TRANSFORMERS[backbone]
    return UniDepthV2(
        {
            "data": {"augmentations": {"shape_constraints": bounds}},
            "model": {
                "num_heads": 8,
                "expansion": 4,
                "layer_scale": 1.0,
                "pixel_decoder": {
                    "hidden_dim": hidden,
                    "depths": [2, 2, 2],
                    "out_dim": hidden // 8,
                    "kernel_size": 3,
                },
                "pixel_encoder": {"name": backbone, "output_idx": list(sizes.levels)},
            },
        }
    )


def _moge(backbone: str) -> MetricEstimator:
    """The released settings for ViT-L; the smaller ones are in no publication but their files."""
    sizes = VISION_TRANSFORMERS[backbone]
    widths = [sizes.width, 256, 128, 64, 32]
    stack = {
        "dim_in": widths,
        "dim_out": None,
        "dim_res_blocks": widths,
        "num_res_blocks": [0, 1, 1, 1, 0],
        "res_block_in_norm": "none",
        "res_block_hidden_norm": "none",
        "resamplers": [*["conv_transpose"] * 3, "bilinear"],
    }
    neck = {**stack, "dim_in": [sizes.width + 2, 2, 2, 2, 2], "num_res_blocks": [0, 2, 2, 2, 0]}

    def head(channels):
        return {**deepcopy(stack), "dim_out": [None] * 4 + [channels]}

    return MoGe2(
        {
            "encoder": {
                "backbone": backbone,
                "intermediate_layers": [level - 1 for level in sizes.levels]
                if sizes.depth == 12
                else [5, 11, 17, 23],
                "dim_out": sizes.width,
            },
            "neck": neck,
            "points_head": head(3),
            "normal_head": head(3),
            "mask_head": head(1),
            "scale_head": {"dims": [sizes.width] * 3 + [1]},
            "remap_output": "exp",
            "num_tokens_range": [1200, 3600],
        }
    )


_DEPTH_ANYTHING = {
    "size": {"height": 518, "width": 518},
    "ensure_multiple_of": 14,
    "keep_aspect_ratio": True,
    "resample": 3,
    **_IMAGENET,
}


def _sizes(backbone: str) -> dict:
    sizes = VISION_TRANSFORMERS[backbone]
    widths, fused = _DPT[backbone]
    return {
        "backbone_config": Dinov2Config(
            hidden_size=sizes.width,
            num_hidden_layers=sizes.depth,
            num_attention_heads=sizes.heads,
            image_size=518,
            patch_size=14,
            out_features=[f"stage{level}" for level in sizes.levels],
            reshape_hidden_states=False,
        ),
        "reassemble_hidden_size": sizes.width,
        "neck_hidden_sizes": widths,
        "fusion_hidden_size": fused,
        "depth_estimation_type": "metric",
    }


def _depth_anything(backbone: str) -> MetricEstimator:
    config = DepthAnythingConfig(**_sizes(backbone), max_depth=20)
    return DepthAnything(DepthAnythingForDepthEstimation(config).eval(), _DEPTH_ANYTHING)


def _prompt_depth(backbone: str) -> PromptDepth:
    config = PromptDepthAnythingConfig(**_sizes(backbone))
    network = PromptDepthAnythingForDepthEstimation(config)
    return PromptDepth(network.eval(), {**_DEPTH_ANYTHING, "size": {"height": 756, "width": 756}})


def _zoedepth() -> MetricEstimator:
    network = ZoeDepthForDepthEstimation(
        ZoeDepthConfig(
            backbone_config=BeitConfig(
                image_size=384,
                hidden_size=1024,
                num_hidden_layers=24,
                num_attention_heads=16,
                intermediate_size=4096,
                use_relative_position_bias=True,
                reshape_hidden_states=False,
                out_features=[f"stage{level}" for level in (6, 12, 18, 24)],
            ),
            neck_hidden_sizes=[256, 512, 1024, 1024],
            bin_configurations=[
                {"name": "nyu", "n_bins": 64, "min_depth": 1e-3, "max_depth": 10.0},
                {"name": "kitti", "n_bins": 64, "min_depth": 1e-3, "max_depth": 80.0},
            ],
            num_patch_transformer_layers=4,
            patch_transformer_hidden_size=128,
            patch_transformer_intermediate_size=1024,
            patch_transformer_num_attention_heads=4,
        )
    )
    settings = {
        "size": {"height": 384, "width": 512},
        "ensure_multiple_of": 32,
        "keep_aspect_ratio": True,
        "resample": 2,
        **_HALVES,
    }
    return ZoeDepth(network.eval(), settings)


def _depth_pro() -> MetricEstimator:
    network = DepthProForDepthEstimation(DepthProConfig(use_fov_model=True))
    settings = {
        "size": {"height": 1536, "width": 1536},
        "rescale_factor": 1 / 255,
        **_HALVES,
    }
    return DepthPro(network.eval(), settings)


def _da3(name: str) -> MetricEstimator:
    return DepthAnything3(*MODELS[name])


# Weights of the catalogue -> what makes their network.
MAKERS: dict[str, Callable[[], MetricEstimator]] = {
    "preview": lambda: load_estimator("preview"),
    "unidepth-v1-vitl14": random_estimator,
    "unidepth-v2-vits14": lambda: _unidepth_v2("dinov2_vits14", 256),
    "unidepth-v2-vitl14": lambda: _unidepth_v2("dinov2_vitl14", 512),
    "moge-2-vits-normal": lambda: _moge("dinov2_vits14"),
    "moge-2-vitb-normal": lambda: _moge("dinov2_vitb14"),
    "moge-2-vitl-normal": lambda: _moge("dinov2_vitl14"),
    "depth-anything-v2-indoor-small": lambda: _depth_anything("dinov2_vits14"),
    "depth-anything-v2-outdoor-small": lambda: _depth_anything("dinov2_vits14"),
    "depth-anything-v2-indoor-large": lambda: _depth_anything("dinov2_vitl14"),
    "depth-anything-v2-outdoor-large": lambda: _depth_anything("dinov2_vitl14"),
    "da3-metric-large": lambda: _da3("da3metric-large"),
    "da3-mono-large": lambda: _da3("da3mono-large"),
    "zoedepth-nyu-kitti": _zoedepth,
    "depth-pro": _depth_pro,
}
REFINERS: dict[str, Callable[[], PromptDepth]] = {
    "prompt-depth-anything-vits": lambda: _prompt_depth("dinov2_vits14"),
    "prompt-depth-anything-vitl": lambda: _prompt_depth("dinov2_vitl14"),
}
VIDEO: dict[str, Callable[[], VideoDepthAnything]] = {
    "video-depth-anything-small": lambda: VideoDepthAnything(VIDEO_MODELS["vits"]),
}


def random_network(name: str) -> MetricEstimator:
    """The network of weights of the catalogue, its parameters small random numbers.

    Raises:
        KeyError: It has none here.
    """
    torch.manual_seed(0)
    network = MAKERS[name]()
    if isinstance(network, (UniDepthV2, MoGe2, DepthAnything3)):
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.02)
        network.eval()
    return network


def random_refiner(name: str) -> PromptDepth:
    """The network of a refiner of measured maps, its parameters random numbers.

    Raises:
        KeyError: It has none here.
    """
    torch.manual_seed(0)
    return REFINERS[name]()


def random_video(name: str) -> VideoDepthAnything:
    """A network for video, its parameters random numbers.

    Raises:
        KeyError: It has none here.
    """
    torch.manual_seed(0)
    return VIDEO[name]().eval()
