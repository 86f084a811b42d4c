"""The networks of Stable Diffusion 2 in the project's own code: the autoencoder and the U-Net.

They are those of latent diffusion (Rombach et al., CVPR 2022, arXiv 2112.10752). Their folders,
configs, tensors and values are those of diffusers. They compute no more than the method needs, and
import nothing but PyTorch: diffusers takes longer to import than the preview model to load and run.
"""

from .autoencoder import Autoencoder
from .schedule import NoiseSchedule
from .unet import UNet

__all__ = ["Autoencoder", "NoiseSchedule", "UNet"]
