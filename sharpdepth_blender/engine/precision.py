"""Floating-point precision of the networks.

On graphics cards only the U-Net benefits from half precision. The autoencoder stays in float32:
its output becomes geometry, and float16 has steps of 1/2048 just below 1, which show as stairs on
a surface. f_D, to which everything else is fitted, and all computations between the networks stay
in float32 too. The exception is `fast`, for CPUs, on which the autoencoder takes most of the time.
"""

import torch

from .errors import EngineError
from .method import predict_latent

PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
FAST = "fast"  # U-Net and autoencoder in bfloat16; never chosen by itself


def has_fast_bfloat16() -> bool:
    """Tell whether this computer's CPU multiplies in bfloat16 (AVX-512 BF16 or AMX)."""
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in names)


def choose_precision(name: str, device: str) -> torch.dtype:
    """Return the torch type for the U-Net, by name or the best for the device.

    `auto` is float16 on CUDA from Volta on, the only devices on which it is faster, else float32.
    bfloat16 cannot overflow, but its 8 bits are too coarse for parity with float32.

    Raises:
        EngineError: `bad_request`, for an unknown name or one that the device does not support.
    """
    if name == "auto":
        fast = device == "cuda" and torch.cuda.get_device_capability()[0] >= 7
        return torch.float16 if fast else torch.float32
    if name == FAST:
        if device != "cpu" or not has_fast_bfloat16():
            raise EngineError(
                "bad_request",
                "The precision fast needs a CPU with AVX-512 BF16 or AMX, as the device.",
            )
        return torch.bfloat16
    if name not in PRECISIONS:
        known = ", ".join(["auto", *PRECISIONS, FAST])
        raise EngineError("bad_request", f"Unknown precision {name}; choose one of: {known}.")
    if name == "bf16" and device == "cuda" and not torch.cuda.is_bf16_supported():
        raise EngineError("bad_request", "This CUDA device does not support bf16; use fp16.")
    return PRECISIONS[name]


def predict_latent_safely(unet, picture_latent, depth_latent, timestep, prompt, notes: list[str]):
    """Call `method.predict_latent`, switching to float32 for good if the U-Net overflows.

    Args:
        unet: As for `predict_latent`.
        picture_latent: As for `predict_latent`.
        depth_latent: As for `predict_latent`.
        timestep: As for `predict_latent`.
        prompt: As for `predict_latent`.
        notes: List to which a sentence is added on overflow.
    """
    latent = predict_latent(unet, picture_latent, depth_latent, timestep, prompt)
    if unet.dtype != torch.float16 or torch.isfinite(latent).all():
        return latent
    notes.append("The U-Net overflowed in float16 and was run in float32, which is slower.")
    return predict_latent(unet.float(), picture_latent, depth_latent, timestep, prompt)
