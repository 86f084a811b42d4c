"""Base of the networks whose folders have the format of diffusers: a config and safetensors."""

import inspect
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

CONFIG, WEIGHTS = "config.json", "diffusion_pytorch_model.safetensors"


class Config(dict):
    """A dictionary whose values are attributes, too."""

    def __getattr__(self, name: str):
        if name in self:
            return self[name]
        raise AttributeError(name)


class Network(nn.Module):
    """A network that is made from its config.

    The libraries have bases like it, but importing those takes longer than loading the network.

    Args:
        **config: Every argument of the subclass's `__init__`, by name.

    Attributes:
        config: The same.
        kind: Name of its class in a config.
    """

    kind: str

    def __init__(self, **config):
        super().__init__()
        self.config = Config(config)

    def __init_subclass__(cls, kind: str | None = None):
        cls.kind = kind or cls.__name__

    @classmethod
    def from_config(cls, config: dict) -> "Network":
        """Make the network; what a config does not say is as by default."""
        known = inspect.signature(cls).parameters
        return cls(**{name: value for name, value in config.items() if name in known})

    @staticmethod
    def current_name(tensor: str) -> str:
        """Return the name of a tensor here, given that in a file, which may be an older one."""
        return tensor

    @property
    def dtype(self) -> torch.dtype:
        """Type of the weights."""
        return next(self.parameters()).dtype

    @property
    def device(self) -> torch.device:
        """Device of the weights."""
        return next(self.parameters()).device

    def save_pretrained(self, folder) -> None:
        """Write config and weights for `weights.load_network`."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        write_config(folder / CONFIG, self.kind, self.config)
        tensors = {name: each.detach().contiguous() for name, each in self.state_dict().items()}
        save_file(tensors, folder / WEIGHTS, {"format": "pt"})


def write_config(path: Path, kind: str, config: dict) -> None:
    """Write a config as diffusers does."""
    text = json.dumps({"_class_name": kind, **config}, indent=2, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
