"""Prompt Depth Anything (Lin et al., CVPR 2025, arXiv 2412.14015), from transformers.

It refines a measured map of low resolution, such as a phone's LiDAR: the map is its prompt.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import (
    PromptDepthAnythingForDepthEstimation,
    PromptDepthAnythingImageProcessorPil,
)

from .holes import fill_holes
from .transformers_metric import SIDES, prepare, read_settings
from .weights import load_network

PROMPT = 256  # longer side of the prompt, pixels, as in training
NEEDS = (*SIDES, "image_mean", "image_std", "keep_aspect_ratio", "ensure_multiple_of")


class PromptDepth:
    """A network that refines measured depth.

    Args:
        network: The model.
        settings: Content of the folder's `preprocessor_config.json`.
    """

    def __init__(self, network: PromptDepthAnythingForDepthEstimation, settings: dict):
        self.network = network
        self.processor = PromptDepthAnythingImageProcessorPil(**settings)

    @classmethod
    def from_folder(cls, folder: Path) -> "PromptDepth":
        """Load the model of a folder.

        Args:
            folder: Contains `config.json`, `preprocessor_config.json` and `model.safetensors`.

        Raises:
            EngineError: `weights_missing`, if a file is missing or cannot be read.
        """
        settings = read_settings(folder, NEEDS)
        return cls(load_network(PromptDepthAnythingForDepthEstimation, folder), settings)

    def to(self, device) -> "PromptDepth":
        """Move the network to a device."""
        self.network.to(device)
        return self

    @torch.no_grad()
    def refine(self, picture: torch.Tensor, prompt: torch.Tensor) -> torch.Tensor:
        """Estimate depth that agrees with a prompt.

        The network sees the prompt scaled to 0..1, and answers in that range.

        Args:
            picture: (1, 3, h, w), integers in 0..255.
            prompt: Meters, (1, 1, h', w'), without holes and not constant.

        Returns:
            Meters, (1, 1, h", w") float32, of the size that the network works at.
        """
        pixels = prepare(self.processor, picture, picture.shape[2:])
        device = self.network.device
        answer = self.network(pixel_values=pixels.to(device), prompt_depth=prompt.to(device))
        return answer.predicted_depth[:, None].cpu()


def make_prompt(depth: torch.Tensor, measured: torch.Tensor) -> torch.Tensor:
    """Reduce a measured map to the size of a prompt: means of what was measured, holes filled.

    Args:
        depth: Meters, (1, 1, H, W), ignored where not measured.
        measured: (1, 1, H, W) bool, somewhere True.

    Returns:
        Meters, (1, 1, h, w) with a longer side of at most 256, positive.
    """
    height, width = depth.shape[2:]
    factor = min(1.0, PROMPT / max(height, width))
    size = [max(1, round(side * factor)) for side in (height, width)]
    there = F.adaptive_avg_pool2d(measured.to(depth), size)
    total = F.adaptive_avg_pool2d(depth * measured, size)
    return fill_holes(torch.where(there > 0, total / there.clamp_min(1e-12), 0))
