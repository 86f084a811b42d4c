"""The request for what a layer shows where nothing was seen of it, with all options."""

import os
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .infer_request import name_or_folder


@dataclass(frozen=True, eq=False)
class FillRequest:
    """A picture with a hole and every option of filling it.

    Attributes:
        values: (3, H, W) float32 sRGB, about 0..1.
        known: (H, W) bool, pixels that are gone on from.
        hole: (H, W) bool, pixels to fill.
        source: (3, H, W) float32, what texture is drawn from; None for the values themselves.
        usable: (H, W) bool, pixels of the source that may be drawn from; None for the known ones.
        model: Name of inpainting weights, or a folder in the format of diffusers; None for
            texture.
        prompt: What the model is to put there, in words.
        steps: Denoising steps of the model.
        seed: Seed for its noise.
        device: `auto`, `cuda`, `mps` or `cpu`.
        precision: Precision of its networks: `auto`, `fp32`, `fp16` or `bf16`.
    """

    TYPE: ClassVar[str] = "fill"

    values: np.ndarray
    known: np.ndarray
    hole: np.ndarray
    source: np.ndarray | None = None
    usable: np.ndarray | None = None
    model: str | os.PathLike | None = None
    prompt: str = ""
    steps: int = 30
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"

    def __post_init__(self):
        if self.model is not None:
            object.__setattr__(self, "model", name_or_folder(self.model))
