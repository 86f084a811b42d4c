"""Paper-size networks with random weights, to check shapes, memory and speed."""

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from sharpdepth_blender.engine.pipeline import SharpDepthPipeline
from sharpdepth_blender.engine.unidepth.v1 import UniDepthV1

from .diffusion import noise_schedule

UNIDEPTH = {  # network settings from the config.json of its release
    "data": {"image_shape": [462, 616]},
    "model": {
        "num_heads": 8,
        "expansion": 4,
        "pixel_decoder": {"hidden_dim": 512, "depths": [3, 2, 1]},
        "pixel_encoder": {"name": "dinov2_vitl14"},
    },
}


def random_pipeline(networks=(AutoencoderKL, UNet2DConditionModel)) -> SharpDepthPipeline:
    """Lotus' U-Net, Stable Diffusion 2's autoencoder and noise schedule.

    Args:
        networks: Classes of autoencoder and U-Net.
    """
    autoencoder, denoiser = networks
    unet = denoiser(
        sample_size=64,
        in_channels=8,
        block_out_channels=(320, 640, 1280, 1280),
        attention_head_dim=(5, 10, 20, 20),
        cross_attention_dim=1024,
        use_linear_projection=True,
        class_embed_type="projection",
        projection_class_embeddings_input_dim=4,
    )
    vae = autoencoder(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(128, 256, 512, 512),
        layers_per_block=2,
        latent_channels=4,
        sample_size=768,
    )
    return SharpDepthPipeline(vae.eval(), unet.eval(), noise_schedule(), torch.randn(1, 2, 1024))


def random_estimator() -> UniDepthV1:
    """UniDepth V1 with ViT-L."""
    estimator = UniDepthV1(UNIDEPTH).eval()
    for parameter in estimator.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    return estimator
