"""What every training loop shares: device, schedule, averaging, resumable state."""

import os
import time
from math import cos, pi
from pathlib import Path

import numpy as np
import torch

SAVE_SECONDS = 60


def device() -> str:
    """Return "cuda", "mps" or "cpu", the first there is."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_model(kind: type, folder: Path):
    """Load a model that an earlier stage saved, in float32, ready for use on the device."""
    # The other way of loading, less hungry for memory, needs one more library.
    return kind.from_pretrained(folder, low_cpu_mem_usage=False).to(device()).eval()


def autocast():
    """Return the bf16 context of the forward passes."""
    return torch.autocast(device(), dtype=torch.bfloat16)


def step_rng(seed: int, *place: int) -> np.random.Generator:
    """Return the random generator of one place, such as a step: a resumed run draws the same."""
    return np.random.default_rng([seed, *place])


def noise_like(latent: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Draw Gaussian noise of a latent's shape."""
    return torch.from_numpy(rng.standard_normal(latent.shape, dtype=np.float32)).to(latent)


def set_learning_rate(optimizer, step: int, steps: int, peak: float, warmup: int) -> float:
    """Rise linearly over `warmup` steps, then fall along a half cosine to nought; return it."""
    if step < warmup:
        rate = peak * (step + 1) / warmup
    else:
        rate = peak * 0.5 * (1 + cos(pi * (step - warmup) / max(1, steps - warmup)))
    for group in optimizer.param_groups:
        group["lr"] = rate
    return rate


def descend(loss: torch.Tensor, model: torch.nn.Module, optimizer: torch.optim.Optimizer):
    """Take one step of the optimizer, the gradient's norm clipped to 1."""
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


@torch.no_grad()
def average(mean: torch.nn.Module, model: torch.nn.Module, decay: float, step: int):
    """Update an exponential moving average, faster while it is young."""
    decay = min(decay, (1 + step) / (10 + step))
    for kept, current in zip(mean.parameters(), model.parameters(), strict=True):
        if current.requires_grad:
            kept.lerp_(current, 1 - decay)


class StateError(OSError):
    """A stage's state was left by another configuration."""


class State:
    """What a stage needs to go on: its modules, its optimizer and the next step, in one file.

    Raises:
        StateError: the file there is of networks of another shape.
    """

    def __init__(self, folder: Path, **parts):
        self.path = Path(folder) / "state.pt"
        self.parts = parts
        self.step = 0
        self._saved = time.monotonic()
        if self.path.exists():
            stored = torch.load(self.path, map_location=device(), weights_only=True)
            self.step = stored.pop("step")
            try:
                for name, part in self.parts.items():
                    part.load_state_dict(stored[name])
            except (KeyError, RuntimeError, ValueError) as error:
                raise StateError(
                    f"{self.path} is of other networks: name another `folder`, or remove it"
                ) from error

    def save(self, step: int):
        """Write the state before step `step`, beside the old file first."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        torch.save({"step": step, **{n: p.state_dict() for n, p in self.parts.items()}}, beside)
        os.replace(beside, self.path)
        self._saved = time.monotonic()

    def save_sometimes(self, step: int):
        """Write the state if the last time is a while ago."""
        if time.monotonic() - self._saved > SAVE_SECONDS:
            self.save(step)
