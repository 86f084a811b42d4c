"""SharpDepth as a diffusers pipeline: a picture and its metric depth in, sharper metres out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, DiffusionPipeline, UNet2DConditionModel
from diffusers.utils import BaseOutput
from diffusers.utils.torch_utils import randn_tensor

from .alignment import align, keep
from .errors import EngineError
from .grid import Grid
from .inputs import check_picture, check_resolution, picture_tensor
from .measurement import eight_bits, measure
from .method import (
    DEPTH_TASK,
    decode,
    difference,
    encode,
    gate,
    last_timestep,
    look,
    mix,
    normalise,
    vae_factor,
)
from .prompt import load_empty_prompt, save_empty_prompt
from .weights import load_network

FLATTEST = 1e-5  # a depth map whose range is a smaller share of its maximum has no shape


@dataclass
class SharpDepthOutput(BaseOutput):
    """What `SharpDepthPipeline` answers; maps are (H, W) float32 at the picture's own size.

    Attributes:
        depth: Sharpened z-depth, metres, finite and above zero.
        metric_depth: The metric depth it was made from, metres, holes filled.
        difference: Where the two models disagreed, 0..1.
        scale: `a` of `depth = a · prediction + b`, kept even if a guard refused the fit.
        shift: `b`, metres.
        notes: A sentence for each guard that acted; empty when all went as it should.
        intermediates: With `intermediates=True`, every step of the method as numpy arrays.
    """

    depth: np.ndarray
    metric_depth: np.ndarray
    difference: np.ndarray
    scale: float
    shift: float
    notes: list[str]
    intermediates: dict[str, np.ndarray] | None = None


class SharpDepthPipeline(DiffusionPipeline):
    """Two looks of a one-step diffusion model, gated by where it disagrees with metric depth.

    Args:
        vae: Autoencoder of pictures.
        unet: The sharpener, which predicts clean depth latents.
        scheduler: Only its noise schedule is used.
        empty_prompt: Text embedding of the empty prompt, (1, tokens, features). Has a default only
            because diffusers takes every argument without one for a component with a folder.
        processing_resolution: Longer side, pixels, that these weights were trained for.
    """

    def __init__(
        self,
        vae: AutoencoderKL,
        unet: UNet2DConditionModel,
        scheduler: DDIMScheduler,
        empty_prompt: torch.Tensor = None,
        processing_resolution: int = 768,
    ):
        super().__init__()
        self.register_modules(vae=vae, unet=unet, scheduler=scheduler)
        self.register_to_config(processing_resolution=processing_resolution)
        self.empty_prompt = empty_prompt

    @classmethod
    def from_pretrained(cls, folder, torch_dtype=torch.float32) -> "SharpDepthPipeline":
        """Load a local folder by its component folders, whatever class `model_index.json` names.

        Args:
            folder: Holds `unet/`, `vae/`, `scheduler/`, and either `empty_prompt.safetensors` or
                `text_encoder/` and `tokenizer/`. Weights are read from safetensors only.
            torch_dtype: Of the networks in memory, however they are stored.

        Raises:
            EngineError: `weights_missing`, when a part is not there or cannot be read.
        """
        folder = Path(folder)
        try:
            index = cls.load_config(folder, local_files_only=True)
            scheduler = DDIMScheduler.from_pretrained(folder / "scheduler", local_files_only=True)
        except OSError as error:
            raise EngineError(
                "weights_missing", f"{folder} holds no model_index.json or no scheduler."
            ) from error
        return cls(
            load_network(AutoencoderKL, folder / "vae", torch_dtype),
            load_network(UNet2DConditionModel, folder / "unet", torch_dtype),
            scheduler,
            load_empty_prompt(folder),
            index.get("processing_resolution") or 768,
        )

    def save_pretrained(self, folder, **options):
        """Write a folder that `from_pretrained` loads again, with no text encoder in it."""
        super().save_pretrained(folder, **options)
        save_empty_prompt(self.empty_prompt, Path(folder))

    def grid(self, height: int, width: int, processing_resolution: int) -> Grid:
        """How a picture of that size is resized and padded for the networks."""
        resolution = check_resolution(processing_resolution)
        return Grid.fit(height, width, resolution, vae_factor(self.vae))

    @torch.no_grad()
    def __call__(
        self,
        rgb: np.ndarray,
        metric_depth: Callable[[torch.Tensor], torch.Tensor] | np.ndarray,
        processing_resolution: int = 768,
        noise: tuple | None = None,
        generator: torch.Generator | None = None,
        intermediates: bool = False,
        on_stage: Callable[[str, np.ndarray | None], None] | None = None,
    ) -> SharpDepthOutput:
        """Sharpen the metric depth of one picture.

        Args:
            rgb: (H, W, 3), uint8 or float in 0..1.
            metric_depth: A callable that receives the resized and padded picture, a float tensor
                (1, 3, h, w) of whole numbers in 0..255, and answers metres at that size; or an
                array of metres, (H, W). 0 marks a hole in either.
            processing_resolution: Longer side, pixels, at which the networks see the picture;
                smaller pictures are enlarged to it. 0 keeps the picture's own size.
            noise: The two draws (first look, mix), each (1, C, h / factor, w / factor).
            generator: Draws the noise when `noise` is None. One on the CPU gives the same noise
                for every device.
            intermediates: Also return every step of the method.
            on_stage: Called with its name as each stage begins (`metric_depth`, `encode_picture`,
                `encode_depth`, `first_look`, `compare`, `second_look`, `decode`, `align`), and with
                the metric depth (H, W) once, when it exists. An exception it raises ends the call.

        Raises:
            EngineError: `bad_image`, `bad_depth` or `bad_request`.
        """
        begin = on_stage or (lambda stage, depth: None)
        image = picture_tensor(check_picture(rgb))
        grid = self.grid(*image.shape[2:], processing_resolution)

        begin("metric_depth", None)
        # Only the networks compute on the device: resizing there gives other numbers, or none.
        image = grid.resize(image)
        measurement = measure(metric_depth, image, grid, self._execution_device)
        seen, metric = measurement.seen, measurement.depth
        steps = {
            "original_resolution": np.array([grid.height, grid.width]),
            "padding_hw": np.array([grid.pad_height, grid.pad_width]),
            "image_pre": image,
            "unidepth_input_int": eight_bits(image)[0],
            "unidepth_depth": seen,
            "unidepth_resized": metric,
        }

        begin("encode_picture", metric)
        error = np.zeros_like(metric)
        if seen.max() - seen.min() <= FLATTEST * seen.max():
            alignment = keep(metric, "The metric depth is the same everywhere")
        else:
            look_twice = self._sharpen(image, seen, noise, generator, begin, steps)
            if look_twice is None:
                alignment = keep(metric, "The sharpener agrees with the metric depth everywhere")
            else:
                begin("align", None)
                prediction, error = (grid.restore(each.cpu())[0, 0] for each in look_twice)
                error = error.numpy()
                alignment = align(prediction.numpy(), metric, error, measurement.measured)
                steps |= {
                    "final_pred_resized": prediction,
                    "l1_error_resized": error,
                    "valid_mask": alignment.valid,
                    "scale": np.array([alignment.scale], np.float32),
                    "shift": np.array([alignment.shift], np.float32),
                    "depth_np": alignment.scale * prediction + alignment.shift,
                }
        return SharpDepthOutput(
            depth=alignment.depth,
            metric_depth=metric,
            difference=np.nan_to_num(error, nan=1.0),
            scale=alignment.scale,
            shift=alignment.shift,
            notes=measurement.notes + alignment.notes,
            intermediates=_as_numpy(steps) if intermediates else None,
        )

    def _sharpen(self, image, seen, noise, generator, begin, steps):
        """Steps 3 to 7 of the method: relative depth and difference, (1, 1, h, w) each.

        None where the first look already equals the metric depth: nothing is left to sharpen.
        """
        device = self._execution_device
        image, seen = image.to(device), seen.to(device)
        picture_latent = encode(self.vae, 2 * image - 1)
        first_noise, second_noise = _draw(picture_latent, noise, generator)
        begin("encode_depth", None)
        normalised = normalise(seen)
        depth_latent = encode(self.vae, normalised)

        begin("first_look", None)
        prompt = self.empty_prompt.to(device)
        timestep = last_timestep(self.scheduler, device)
        first_latent = look(self.unet, picture_latent, first_noise, timestep, prompt)
        begin("compare", None)
        first_picture = decode(self.vae, first_latent).float()
        first_depth = first_picture.mean(1, keepdim=True)
        error = difference(first_depth, normalised)
        mask = gate(error, vae_factor(self.vae))
        mixed = mix(mask, first_latent, depth_latent, second_noise, self.scheduler)
        steps |= {
            "norm_depth": normalised,
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
        second_latent = look(self.unet, picture_latent, mixed, timestep, prompt)
        begin("decode", None)
        second_picture = decode(self.vae, second_latent).float()
        second_depth = second_picture.mean(1, keepdim=True)
        steps |= {
            "pred_latent": second_latent,
            "decoded_rgb": second_picture,
            "decoded_depth": second_depth,
        }
        return second_depth, error


def _draw(latent, noise, generator) -> list[torch.Tensor]:
    """Both noises, shaped like `latent`; drawn in float32 so that every dtype gets the same."""
    if noise is None:
        noise = [randn_tensor(latent.shape, generator=generator) for _ in range(2)]
    draws = [torch.as_tensor(draw).to(latent) for draw in noise]
    if [draw.shape for draw in draws] != [latent.shape] * 2:
        raise EngineError(
            "bad_request", f"The noise must be two arrays of the shape {tuple(latent.shape)}."
        )
    return draws


def _as_numpy(steps: dict) -> dict[str, np.ndarray]:
    return {
        name: step.cpu().numpy() if isinstance(step, torch.Tensor) else step
        for name, step in steps.items()
    }
