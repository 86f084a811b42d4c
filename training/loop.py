"""What every training loop shares: device, schedule, averaging, resumable state."""

import os
import time
from math import cos, pi
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch

from sharpdepth_blender.files import atomic_write

SAVE_SECONDS = 60
SAVING_SHARE = 0.05  # of the time, at most, goes into saving states that are large
FREE_TO_CHANGE = {"validate_every"}  # of a stage's settings, while it is interrupted


class DivergedError(ArithmeticError):
    """The loss is not a number any more."""


class StageMissingError(FileNotFoundError):
    """A stage that another one builds upon was not run."""


def device() -> str:
    """Return "cuda", "mps" or "cpu", the first there is."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_model(kind: type, folder: Path):
    """Load a model that an earlier stage saved, in float32, ready for use on the device.

    Raises:
        StageMissingError: the stage has not saved it.
    """
    if not folder.is_dir():
        raise StageMissingError(f"{folder} is missing: run the stage {folder.parent.name} first")
    # The other way of loading, less hungry for memory, needs one more library.
    return kind.from_pretrained(folder, low_cpu_mem_usage=False).to(device()).eval()


def run_settings(config, settings, **others) -> dict:
    """Return what a stage's result follows from: its table of the config, and what all share."""
    shared = {name: getattr(config, name) for name in ("seed", "processing_resolution")}
    return shared | vars(settings) | others


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
    """Rise linearly over `warmup` steps, then fall along a half cosine to zero; return it."""
    if step < warmup:
        rate = peak * (step + 1) / warmup
    else:
        rate = peak * 0.5 * (1 + cos(pi * (step - warmup) / max(1, steps - warmup)))
    for group in optimizer.param_groups:
        group["lr"] = rate
    return rate


def optimizer_step(loss: torch.Tensor, model: torch.nn.Module, optimizer: torch.optim.Optimizer):
    """Take one step of the optimizer, the gradient's norm clipped to 1.

    Raises:
        DivergedError: the loss is not finite.
    """
    if not loss.isfinite():
        raise DivergedError(f"the loss is {loss.item()}")
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


@torch.no_grad()
def update_ema(mean: torch.nn.Module, model: torch.nn.Module, decay: float, step: int):
    """Update an exponential moving average, faster while it is young."""
    decay = min(decay, (1 + step) / (10 + step))
    for kept, current in zip(mean.parameters(), model.parameters(), strict=True):
        if current.requires_grad:
            kept.lerp_(current, 1 - decay)


class StateError(OSError):
    """A stage's state is damaged, or was left by another configuration."""


class State:
    """What a stage needs to go on: its modules, its optimizer and the next step, in one file.

    Args:
        folder: The stage's.
        settings: All that its result follows from, by name; what was begun with others is refused.
        parts: Whatever has a `state_dict`.

    Raises:
        StateError: the file there is damaged, or of other settings or networks.
    """

    def __init__(self, folder: Path, settings: dict, **parts):
        self.path = Path(folder) / "state.pt"
        self.settings = {k: v for k, v in settings.items() if k not in FREE_TO_CHANGE}
        self.parts = parts
        self.step = 0
        self._saved, self._seconds = time.monotonic(), 0.0
        for left in self.path.parent.glob(f".*{self.path.suffix}"):
            left.unlink()  # gigabytes, of a run that was killed while it saved
        if self.path.exists():
            self._load()

    def save(self, step: int):
        """Write the state before step `step`; an interrupted write leaves the old one."""
        begun = time.monotonic()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        stored = {name: part.state_dict() for name, part in self.parts.items()}
        with atomic_write(self.path) as beside, open(beside, "wb") as file:
            torch.save({"step": step, "settings": self.settings, **stored}, file)
            os.fsync(file.fileno())
        self._saved = time.monotonic()
        self._seconds = self._saved - begun

    def save_sometimes(self, step: int):
        """Write the state if the last time is a while ago."""
        pause = max(SAVE_SECONDS, self._seconds / SAVING_SHARE)
        if time.monotonic() - self._saved > pause:
            self.save(step)

    def _load(self):
        mend = "name another `folder`, or remove it"
        try:
            stored = torch.load(self.path, map_location=device(), weights_only=True)
            begun_with, self.step = stored["settings"], stored["step"]
        except (KeyError, RuntimeError, EOFError, UnpicklingError) as error:
            raise StateError(f"{self.path} is damaged: {mend}") from error
        names = sorted(begun_with.keys() | self.settings.keys())
        changed = [n for n in names if begun_with.get(n) != self.settings.get(n)]
        if changed:
            raise StateError(
                f"{self.path} was begun with "
                + ", ".join(
                    f"{name} = {begun_with.get(name)} and not {self.settings.get(name)}"
                    for name in changed
                )
                + f": {mend}"
            )
        try:
            for name, part in self.parts.items():
                part.load_state_dict(stored[name])
        except (KeyError, RuntimeError, ValueError) as error:
            raise StateError(f"{self.path} is of other networks: {mend}") from error
