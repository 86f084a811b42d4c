"""Base of the pipelines: the parts of a diffusion model, in one folder of diffusers' format."""

from pathlib import Path

import torch

from .network import Config, write_config
from .prompt import save_empty_prompt

INDEX = "model_index.json"


class Components:
    """An autoencoder, a U-Net, a noise schedule and the embedding of the empty prompt.

    Args:
        vae: Image autoencoder, ours or of diffusers.
        unet: The diffusion model, likewise.
        scheduler: Its noise schedule, likewise.
        empty_prompt: Empty-prompt embedding, (1, tokens, features).
        **config: What else the folder's index says.

    Attributes:
        config: The same.
    """

    def __init__(self, vae, unet, scheduler, empty_prompt: torch.Tensor, **config):
        self.vae, self.unet, self.scheduler = vae, unet, scheduler
        self.empty_prompt = empty_prompt
        self.config = Config(config)
        self._hooks: list = []
        self._offloaded_from: torch.device | None = None

    @property
    def device(self) -> torch.device:
        """Device that the networks run on."""
        return self._offloaded_from or self.unet.device

    def to(self, device) -> "Components":
        """Move the networks to a device."""
        for network in (self.vae, self.unet):
            network.to(device)
        return self

    def enable_model_cpu_offload(self, device) -> None:
        """Have each network on the device only while it runs."""
        from accelerate import cpu_offload_with_hook

        self._offloaded_from, hook = torch.device(device), None
        for network in (self.unet, self.vae):
            _, hook = cpu_offload_with_hook(network, self._offloaded_from, hook)
            self._hooks.append(hook)

    def maybe_free_model_hooks(self) -> None:
        """Take offloaded networks off the device."""
        for hook in self._hooks:
            hook.offload()

    def save_pretrained(self, folder) -> None:
        """Write a folder for `from_pretrained`, without a text encoder."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        index = dict(self.config)
        for name in ("vae", "unet", "scheduler"):
            part = getattr(self, name)
            part.save_pretrained(folder / name)
            index[name] = ["diffusers", getattr(part, "kind", type(part).__name__)]
        write_config(folder / INDEX, type(self).__name__, index)
        save_empty_prompt(self.empty_prompt, folder)
