"""Shared parts of the training loops: device, learning rate, EMA, resumable state."""

import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import cos, pi
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch

from sharpdepth_blender.engine.precision import has_fast_bfloat16
from sharpdepth_blender.files import atomic_write

SAVE_SECONDS = 60
SAVING_SHARE = 0.05  # maximum fraction of the time spent on saving large states
FREE_TO_CHANGE = {"validate_every"}  # settings that may change between interrupting and resuming


class DivergedError(ArithmeticError):
    """The loss is no longer finite."""


class StageMissingError(FileNotFoundError):
    """A stage that this one depends on has not been run."""


def device() -> str:
    """Return the first available of "cuda", "mps" and "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_model(kind: type, folder: Path):
    """Load a model saved by an earlier stage, in float32, on the device, in eval mode.

    Raises:
        StageMissingError: the stage has not saved it.
    """
    check_stage(folder)
    # Loading with low CPU memory use would need another library.
    return kind.from_pretrained(folder, low_cpu_mem_usage=False).to(device()).eval()


def check_stage(folder: Path):
    """Check that an earlier stage has saved its model.

    Raises:
        StageMissingError: it has not.
    """
    if not folder.is_dir():
        raise StageMissingError(f"{folder} is missing: run the stage {folder.parent.name} first")


def run_settings(config, settings, **others) -> dict:
    """Return all settings that determine a stage's result: its own table and the shared ones."""
    shared = {name: getattr(config, name) for name in ("seed", "processing_resolution")}
    return shared | vars(settings) | others


def bfloat16_pays() -> bool:
    """Tell whether the device multiplies in bfloat16; emulated, it is slower by far."""
    return device() != "cpu" or has_fast_bfloat16()


def autocast():
    """Return the bfloat16 autocast context for forward passes, without effect where none pays."""
    return torch.autocast(device(), dtype=torch.bfloat16, enabled=bfloat16_pays())


def step_rng(seed: int, *place: int) -> np.random.Generator:
    """Return the random generator for one place, such as a step, so that a resumed run matches."""
    return np.random.default_rng([seed, *place])


def drawn_ahead(draw: Callable, steps: range):
    """Yield each step with what `draw(step)` returns.

    On a GPU, threads draw some steps ahead, so that it does not wait; the CPU would gain nothing.
    """
    if device() == "cpu":
        for step in steps:
            yield step, draw(step)
        return
    workers = min(16, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        waiting = deque()
        for step in steps:
            waiting.append((step, pool.submit(draw, step)))
            if len(waiting) > 2 * workers:
                first, result = waiting.popleft()
                yield first, result.result()
        for first, result in waiting:
            yield first, result.result()


def noise_like(latent: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Draw Gaussian noise with the shape of a latent."""
    return torch.from_numpy(rng.standard_normal(latent.shape, dtype=np.float32)).to(latent)


def set_learning_rate(optimizer, step: int, steps: int, peak: float, warmup: int) -> float:
    """Set and return the learning rate: linear warmup, then cosine decay to zero.

    A parameter group with a `share` gets that share of it.
    """
    if step < warmup:
        rate = peak * (step + 1) / warmup
    else:
        rate = peak * 0.5 * (1 + cos(pi * (step - warmup) / max(1, steps - warmup)))
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("share", 1.0)
    return rate


def optimizer_step(loss: torch.Tensor, model: torch.nn.Module, optimizer: torch.optim.Optimizer):
    """Take one optimizer step with the gradient norm clipped to 1.

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
def update_ema(ema: torch.nn.Module, model: torch.nn.Module, decay: float, step: int):
    """Update an EMA of the weights, with a smaller decay in the first steps."""
    decay = min(decay, (1 + step) / (10 + step))
    for average, current in zip(ema.parameters(), model.parameters(), strict=True):
        if current.requires_grad:
            average.lerp_(current, 1 - decay)


class StateError(OSError):
    """A stage's saved state is damaged or belongs to another configuration."""


class State:
    """Resumable state of a stage in one file: modules, optimizer and next step.

    Args:
        folder: Folder of the stage.
        settings: Everything that determines the result, by name; a state saved with other settings
            is refused.
        parts: Objects with a `state_dict`.

    Raises:
        StateError: the saved state is damaged, or has other settings or networks.
    """

    def __init__(self, folder: Path, settings: dict, **parts):
        self.path = Path(folder) / "state.pt"
        self.settings = {k: v for k, v in settings.items() if k not in FREE_TO_CHANGE}
        self.parts = parts
        self.step = 0
        self._saved, self._seconds = time.monotonic(), 0.0
        for left in self.path.parent.glob(f".*{self.path.suffix}"):
            left.unlink()  # gigabytes, from a run killed while saving
        if self.path.exists():
            self._load()

    def save(self, step: int):
        """Save the state before step `step`; an interrupted write keeps the previous one."""
        begun = time.monotonic()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        stored = {name: part.state_dict() for name, part in self.parts.items()}
        with atomic_write(self.path) as beside, open(beside, "wb") as file:
            torch.save({"step": step, "settings": self.settings, **stored}, file)
            os.fsync(file.fileno())
        self._saved = time.monotonic()
        self._seconds = self._saved - begun

    def save_sometimes(self, step: int):
        """Save the state if the last save was long enough ago."""
        pause = max(SAVE_SECONDS, self._seconds / SAVING_SHARE)
        if time.monotonic() - self._saved > pause:
            self.save(step)

    def _load(self):
        remedy = "delete it, or set another `folder`"
        try:
            stored = torch.load(self.path, map_location=device(), weights_only=True)
            begun_with, self.step = stored["settings"], stored["step"]
        except (KeyError, RuntimeError, EOFError, UnpicklingError) as error:
            raise StateError(f"{self.path} is damaged: {remedy}") from error
        names = sorted(begun_with.keys() | self.settings.keys())
        changed = [n for n in names if begun_with.get(n) != self.settings.get(n)]
        if changed:
            raise StateError(
                f"{self.path} was started with "
                + ", ".join(
                    f"{name} = {begun_with.get(name)}, not {self.settings.get(name)}"
                    for name in changed
                )
                + f": {remedy}"
            )
        try:
            for name, part in self.parts.items():
                part.load_state_dict(stored[name])
        except (KeyError, RuntimeError, ValueError) as error:
            raise StateError(f"{self.path} belongs to different networks: {remedy}") from error
