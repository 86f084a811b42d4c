"""Lotus-G, a one-step diffusion model of relative depth: the baseline f_G."""

import torch

from .aligned import AlignedPipeline, draw_noise
from .method import decode, depth_space, encode, last_timestep, relative_depth
from .pipeline import SharpDepthPipeline
from .precision import predict_latent_safely


class LotusPipeline(SharpDepthPipeline):
    """One pass of Lotus-G from pure noise, fitted to metric depth (He et al., arXiv 2409.18124).

    This is SharpDepth's sharpener before fine-tuning: the same components in the same folders, run
    once. A Lotus trained on disparity does not work here: its output is inverted against the
    metric depth, which is then returned with a note.
    """

    looks = AlignedPipeline.looks

    def _predict(self, image, seen, noise, generator, begin, steps, notes):
        """`D(G(z_I, n))`; see `AlignedPipeline._predict`. Nothing is compared, so e is zero."""
        device = self.device
        picture_latent = encode(self.vae, 2 * image.to(device) - 1)
        (draw,) = draw_noise(picture_latent, 1, noise, generator)
        begin("first_look", None)
        prompt = self.empty_prompt.to(device)
        timestep = last_timestep(self.scheduler, device)
        latent = predict_latent_safely(self.unet, picture_latent, draw, timestep, prompt, notes)
        begin("decode", None)
        picture = decode(self.vae, latent).float()
        depth = picture.mean(1, keepdim=True)
        steps |= {
            "rgb_latent": picture_latent,
            "noise1": draw,
            "lotus_pred": latent,
            "lotus_decoded_rgb": picture,
            "lotus_depth": depth,
        }
        relative = relative_depth(depth, seen.to(device), depth_space(self.scheduler))
        return relative, torch.zeros_like(depth)
