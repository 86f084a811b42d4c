"""What cameras and files do to a picture: exposure, vignette, blur, noise, compression."""

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image


def as_photographed(rgb: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Vary one picture the way cameras, lenses and files do.

    Args:
        rgb: (1, 3, h, w) sRGB in 0..1, on the CPU.
        rng: numpy Generator.

    Returns:
        The same shape and range.
    """
    linear = rgb.clamp(0, 1) ** 2.2
    linear = linear * 2 ** rng.normal(0, 0.5)
    linear = linear * _per_channel(np.exp(rng.normal(0, 0.12, 3)))
    if rng.random() < 0.4:
        linear = linear * _vignette(rgb.shape[2:], rng.uniform(0.1, 0.7))
    seen = linear.clamp(0, 1) ** (1 / 2.2)
    seen = (seen - 0.5) * rng.uniform(0.75, 1.3) + 0.5 + rng.normal(0, 0.04)
    gray = seen.mean(1, keepdim=True)
    seen = gray + (seen - gray) * rng.uniform(0.0 if rng.random() < 0.05 else 0.5, 1.5)
    if rng.random() < 0.5:
        seen = _blurred(seen, rng.uniform(0.3, 1.6))
    if rng.random() < 0.7:
        seen = seen + _noise(seen.shape, rng) * rng.uniform(0, 0.05)
    seen = seen.clamp(0, 1)
    if rng.random() < 0.6:
        seen = _compressed(seen, int(rng.integers(25, 95)))
    return seen


def _per_channel(values):
    return torch.tensor(values, dtype=torch.float32).view(1, 3, 1, 1)


def _vignette(size, strength):
    """Return the share of light that is left, (1, 1, h, w): 1 in the middle, least in corners."""
    y, x = (torch.linspace(-1, 1, side) for side in size)
    return (1 - strength * (x**2 + y[:, None] ** 2) / 2)[None, None]


def _blurred(rgb, sigma):
    reach = max(1, round(2.5 * sigma))
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(3, 1, 1, -1)
    wide = F.pad(rgb, (reach, reach, reach, reach), mode="replicate")
    return F.conv2d(F.conv2d(wide, kernel, groups=3), kernel.transpose(2, 3), groups=3)


def _noise(shape, rng):
    """Return noise of a sensor: of single pixels, or coarser by what cameras do against it."""
    grain = int(rng.choice([1, 1, 2]))
    small = (*shape[:2], -(-shape[2] // grain), -(-shape[3] // grain))
    noise = torch.from_numpy(rng.standard_normal(small, dtype=np.float32))
    return F.interpolate(noise, shape[2:], mode="nearest") if grain > 1 else noise


def _compressed(rgb, quality):
    """Write and read a JPEG."""
    pixels = (rgb[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255
