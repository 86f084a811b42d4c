"""SharpDepth: picture and metric depth in, sharpened metric depth out."""

from pathlib import Path

import numpy as np
import torch

from .aligned import AlignedPipeline, draw_noise
from .components import INDEX
from .errors import EngineError
from .latent import Autoencoder, NoiseSchedule, UNet
from .latent.schedule import FILE as SCHEDULE
from .method import (
    DEPTH_TASK,
    SPACES,
    decode,
    depth_space,
    difference,
    encode,
    gate,
    last_timestep,
    mix,
    normalize,
    relative_depth,
    vae_factor,
)
from .precision import predict_latent_safely
from .prompt import load_empty_prompt
from .weights import load_network, naming_unreadable, read_json


class SharpDepthPipeline(AlignedPipeline):
    """Two passes of a one-step diffusion model, gated by its disagreement with metric depth.

    Args:
        vae: Image autoencoder.
        unet: The sharpener, which predicts clean depth latents.
        scheduler: Only its noise schedule is used.
        empty_prompt: Empty-prompt embedding, (1, tokens, features).
        processing_resolution: Longer side, pixels, that these weights were trained for.
    """

    looks = (
        "encode_picture",
        "encode_depth",
        "first_look",
        "compare",
        "second_look",
        "decode",
    )

    def __init__(
        self,
        vae,
        unet,
        scheduler,
        empty_prompt: torch.Tensor,
        processing_resolution: int = 768,
    ):
        super().__init__(
            vae, unet, scheduler, empty_prompt, processing_resolution=processing_resolution
        )

    @classmethod
    def from_pretrained(
        cls, folder, torch_dtype=torch.float32, networks=(Autoencoder, UNet)
    ) -> "SharpDepthPipeline":
        """Load a local folder by its components, whatever class `model_index.json` names.

        Args:
            folder: Contains `unet/`, `vae/`, `scheduler/`, and either `empty_prompt.safetensors` or
                `text_encoder/` and `tokenizer/`. Weights are read from safetensors only.
            torch_dtype: Type of the U-Net in memory, however it is stored; everything else is
                float32 (see `precision`).
            networks: Classes of autoencoder and U-Net; training takes those of diffusers, which
                have adapters and gradient checkpoints.

        Raises:
            EngineError: `weights_missing`, if a component is missing or cannot be read.
        """
        folder = Path(folder)
        index = read_json(folder / INDEX)
        with naming_unreadable(folder):
            resolution = int(index.get("processing_resolution") or 768)
        with naming_unreadable(folder / "scheduler"):
            scheduler = NoiseSchedule(read_json(folder / "scheduler" / SCHEDULE))
        autoencoder, unet = networks
        if depth_space(scheduler) not in SPACES:
            raise EngineError(
                "weights_missing",
                f"The scheduler in {folder} has the depth space {depth_space(scheduler)}, not one "
                f"of: {', '.join(SPACES)}.",
            )
        return cls(
            load_network(autoencoder, folder / "vae"),
            load_network(unet, folder / "unet", torch_dtype),
            scheduler,
            load_empty_prompt(folder),
            resolution,
        )

    def _predict(self, image, seen, noise, generator, begin, steps, notes):
        """Steps 3 to 7 of the method; see `AlignedPipeline._predict`.

        None if the first pass already equals the metric depth, so that nothing is left to sharpen.
        """
        device = self.device
        image, seen = image.to(device), seen.to(device)
        picture_latent = encode(self.vae, 2 * image - 1)
        first_noise, second_noise = draw_noise(picture_latent, 2, noise, generator)
        begin("encode_depth", None)
        space = depth_space(self.scheduler)
        normalized = normalize(seen, space)
        depth_latent = encode(self.vae, normalized)

        begin("first_look", None)
        prompt = self.empty_prompt.to(device)
        timestep = last_timestep(self.scheduler, device)
        first_latent = predict_latent_safely(
            self.unet, picture_latent, first_noise, timestep, prompt, notes
        )
        begin("compare", None)
        first_picture = decode(self.vae, first_latent).float()
        first_depth = first_picture.mean(1, keepdim=True)
        error = difference(first_depth, normalized)
        mask = gate(error, vae_factor(self.vae))
        mixed = mix(mask, first_latent, depth_latent, second_noise, self.scheduler)
        steps |= {
            "norm_depth": normalized,
            "rgb_latent": picture_latent,
            "unidepth_latent": depth_latent,
            "empty_text_embed": prompt,
            "task_emb": np.array([DEPTH_TASK], np.float32),
            "timestep": timestep,
            "noise1": first_noise,
            "noise2": second_noise,
            "lotus_pred": first_latent,
            "lotus_decoded_rgb": first_picture,
            "lotus_depth": first_depth,
            "l1_error": error,
            "latent_mask": mask,
            "noisy_latent": mixed,
        }
        if not error.any():
            return None

        begin("second_look", None)
        second_latent = predict_latent_safely(
            self.unet, picture_latent, mixed, timestep, prompt, notes
        )
        begin("decode", None)
        second_picture = decode(self.vae, second_latent).float()
        second_depth = second_picture.mean(1, keepdim=True)
        steps |= {
            "pred_latent": second_latent,
            "decoded_rgb": second_picture,
            "decoded_depth": second_depth,
        }
        return relative_depth(second_depth, seen, space), error
