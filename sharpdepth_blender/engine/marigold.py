"""Marigold, a diffusion model of relative depth with a few denoising steps: another f_G."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    LCMScheduler,
    MarigoldDepthPipeline,
    UNet2DConditionModel,
)

from .aligned import AlignedPipeline, draw_noise
from .errors import EngineError
from .method import vae_factor
from .precision import predict_latent_safely
from .prompt import load_empty_prompt
from .weights import load_network, read_json

SCHEDULERS = {kind.__name__: kind for kind in (DDIMScheduler, LCMScheduler)}
DEPTH_CLASSES = ("MarigoldDepthPipeline", "MarigoldPipeline")  # the latter: the first release


class MarigoldPipeline(AlignedPipeline):
    """Marigold with an ensemble size of one, fitted to metric depth (Ke et al., CVPR 2024).

    The `MarigoldDepthPipeline` of diffusers computes the relative depth; this class passes it the
    picture on the engine's grid and reports its steps. `scale_invariant` and `shift_invariant` of a
    folder only concern larger ensembles.

    Args:
        vae: Image autoencoder.
        unet: Denoises depth latents.
        scheduler: Scheduler of the denoising steps.
        empty_prompt: Empty-prompt embedding, (1, tokens, features).
        default_denoising_steps: Number of steps that these weights need.
        processing_resolution: Longer side, pixels, that they were trained for.
    """

    def __init__(
        self,
        vae: AutoencoderKL,
        unet: UNet2DConditionModel,
        scheduler: DDIMScheduler | LCMScheduler,
        empty_prompt: torch.Tensor,
        default_denoising_steps: int = 4,
        processing_resolution: int = 768,
    ):
        super().__init__(
            vae,
            unet,
            scheduler,
            empty_prompt,
            default_denoising_steps=default_denoising_steps,
            processing_resolution=processing_resolution,
        )

    @property
    def _first_looks(self) -> int:
        return self.config.default_denoising_steps

    @classmethod
    def from_pretrained(cls, folder, torch_dtype=torch.float32) -> "MarigoldPipeline":
        """Load a local folder.

        Args:
            folder: Contains `model_index.json`, `unet/`, `vae/`, `scheduler/`, and either
                `empty_prompt.safetensors` or `text_encoder/` and `tokenizer/`.
            torch_dtype: Type of the U-Net in memory, however it is stored; everything else is
                float32.

        Raises:
            EngineError: `weights_missing`, if a component is missing or cannot be read, or the
                model does not predict depth.
        """
        folder = Path(folder)
        index = read_json(folder / "model_index.json")
        _check_answer(folder, index)
        resolutions = (
            index.get(key) for key in ("processing_resolution", "default_processing_resolution")
        )
        return cls(
            load_network(AutoencoderKL, folder / "vae"),
            load_network(UNet2DConditionModel, folder / "unet", torch_dtype),
            _load_scheduler(folder, index),
            load_empty_prompt(folder),
            index["default_denoising_steps"],
            next((each for each in resolutions if each is not None), 768),
        )

    def _predict(self, image, seen, noise, generator, begin, steps, notes):
        """See `AlignedPipeline._predict`. Nothing is compared, so e is zero."""
        marigold = _Marigold(
            unet=_Denoiser(self.unet, begin, notes),
            vae=self.vae,
            scheduler=self.scheduler,
            text_encoder=None,
            tokenizer=None,
            prediction_type="depth",
        )
        marigold.begin = begin
        marigold.empty_text_embedding = self.empty_prompt
        marigold.set_progress_bar_config(disable=True)
        latent = None if noise is None else self._check_noise(noise, image)
        answer = marigold(
            image.clamp(0, 1),  # resizing may overshoot slightly, which diffusers rejects
            num_inference_steps=self.config.default_denoising_steps,
            processing_resolution=0,  # no resizing: the grid has resized and padded it
            match_input_resolution=False,
            latents=latent,
            generator=generator if latent is None else None,  # diffusers takes one of them
            output_type="pt",
            output_latent=True,
        )
        steps |= {"pred_latent": answer.latent, "decoded_depth": answer.prediction}
        return answer.prediction, torch.zeros_like(answer.prediction)

    def _check_noise(self, noise, image) -> torch.Tensor:
        sides = (side // vae_factor(self.vae) for side in image.shape[2:])
        latent = torch.empty(1, self.vae.config.latent_channels, *sides)
        return draw_noise(latent.to(self.device), 1, noise, None)[0]


class _Marigold(MarigoldDepthPipeline):
    """The diffusers pipeline, with a callback before decoding.

    Attributes:
        begin: Called with the stage name and None.
    """

    def decode_prediction(self, pred_latent):
        self.begin("decode", None)
        return super().decode_prediction(pred_latent)


class _Denoiser:
    """Wraps the U-Net in the diffusers pipeline, to report and guard each of its steps.

    The pipeline then takes its dtype and device from the autoencoder.
    """

    def __init__(self, unet, begin, notes):
        self._unet = unet
        self._begin = begin
        self._notes = notes

    def __call__(self, latent, timestep, encoder_hidden_states, return_dict):
        self._begin("first_look", None)
        picture_latent, depth_latent = latent.chunk(2, 1)
        # This U-Net has no class labels, so it ignores the label of the depth task.
        return (
            predict_latent_safely(
                self._unet,
                picture_latent,
                depth_latent,
                timestep,
                encoder_hidden_states,
                self._notes,
            ),
        )


def _check_answer(folder, index) -> None:
    """Reject a model that does not predict depth or does not specify its number of steps."""
    kind, answer = index.get("_class_name"), index.get("prediction_type")
    if kind not in DEPTH_CLASSES or answer not in (None, "depth"):
        raise EngineError(
            "weights_missing",
            f"The model in {folder} is a {kind} that predicts {answer}; a depth model is needed.",
        )
    steps = index.get("default_denoising_steps")
    if not isinstance(steps, int) or steps < 1:
        raise EngineError(
            "weights_missing",
            f"{folder / 'model_index.json'} lacks a positive default_denoising_steps.",
        )


def _load_scheduler(folder, index):
    _, name = index.get("scheduler") or (None, None)
    if name not in SCHEDULERS:
        raise EngineError(
            "weights_missing",
            f"The scheduler of the model in {folder} is {name}, not one of: "
            f"{', '.join(SCHEDULERS)}.",
        )
    try:
        return SCHEDULERS[name].from_pretrained(folder / "scheduler", local_files_only=True)
    except OSError as error:
        raise EngineError("weights_missing", f"{folder} contains no scheduler.") from error
