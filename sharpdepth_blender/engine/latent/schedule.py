"""The noise schedule of a diffusion model, as its scheduler's config in diffusers tells it."""

import math
from pathlib import Path

import torch

from ..errors import EngineError
from ..network import Config, write_config

FILE = "scheduler_config.json"


class NoiseSchedule:
    """How much of a latent is left at each timestep.

    Args:
        config: Of any scheduler of diffusers with betas.

    Attributes:
        config: The same.
        alphas_cumprod: Squared share of the latent at each timestep, (T,) float32.

    Raises:
        EngineError: `weights_missing`, if the config asks for what is not known.
    """

    def __init__(self, config: dict):
        self.config = Config({"num_train_timesteps": 1000} | config)
        alphas = (1 - _betas(self.config)).cumprod(0)
        if not alphas.numel():
            raise EngineError("weights_missing", "The scheduler has no timesteps.")
        if self.config.get("rescale_betas_zero_snr"):  # Lin et al., arXiv 2305.08891, algorithm 1
            roots = alphas.sqrt()
            alphas = ((roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])) ** 2
        self.alphas_cumprod = alphas

    def add_noise(
        self, latent: torch.Tensor, noise: torch.Tensor, timestep: torch.Tensor
    ) -> torch.Tensor:
        """Return latents, (B, C, h, w), with the noise of a timestep, (B,) or (1,) integers."""
        alpha = self.alphas_cumprod.to(latent)[timestep][:, None, None, None]
        return alpha**0.5 * latent + (1 - alpha) ** 0.5 * noise

    def save_pretrained(self, folder) -> None:
        """Write the config."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        write_config(folder / FILE, "DDIMScheduler", self.config)


def _betas(config: Config) -> torch.Tensor:
    count, kind = config.num_train_timesteps, config.get("beta_schedule", "linear")
    if config.get("trained_betas") is not None:
        return torch.tensor(config.trained_betas, dtype=torch.float32)
    low, high = config.get("beta_start", 0.0001), config.get("beta_end", 0.02)
    if kind == "linear":
        return torch.linspace(low, high, count)
    if kind == "scaled_linear":
        return torch.linspace(math.sqrt(low), math.sqrt(high), count) ** 2
    raise EngineError("weights_missing", f"The scheduler's {kind} betas are not supported.")
