"""Which numbers the U-Net computes in.

Only the U-Net gains from half precision. The autoencoder stays in float32: what it decodes becomes
geometry, and float16 has steps of 1/2048 just below 1, which a surface shows as stairs. So does
f_D, whose meters everything else is fitted to, and all that lies between the networks.
"""

import torch

from .errors import EngineError
from .method import predict_latent

PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


def choose_precision(name: str, device: str) -> torch.dtype:
    """Type of the U-Net's numbers, by name or the best for the device.

    `auto` is float16 on CUDA from Volta on, which alone computes faster in it, and else float32.
    bfloat16 cannot overflow, but its 8 bits are too coarse for parity with float32.

    Raises:
        EngineError: `bad_request`, for a name nobody knows or one the device cannot compute in.
    """
    if name == "auto":
        fast = device == "cuda" and torch.cuda.get_device_capability()[0] >= 7
        return torch.float16 if fast else torch.float32
    if name not in PRECISIONS:
        known = ", ".join(["auto", *PRECISIONS])
        raise EngineError("bad_request", f"There is no precision {name}; choose one of: {known}.")
    if name == "bf16" and device == "cuda" and not torch.cuda.is_bf16_supported():
        raise EngineError("bad_request", "This CUDA device cannot compute in bf16; use fp16.")
    return PRECISIONS[name]


def predict_latent_safely(unet, picture_latent, depth_latent, timestep, prompt, notes: list[str]):
    """Call `method.predict_latent`, and stay in float32 once the U-Net overflowed in float16.

    Args:
        unet: And what follows, as for `predict_latent`.
        picture_latent: Likewise.
        depth_latent: Likewise.
        timestep: Likewise.
        prompt: Likewise.
        notes: Gains a sentence when it overflowed.
    """
    latent = predict_latent(unet, picture_latent, depth_latent, timestep, prompt)
    if unet.dtype != torch.float16 or torch.isfinite(latent).all():
        return latent
    notes.append("The U-Net overflowed in float16 and was computed in float32, which takes longer.")
    return predict_latent(unet.float(), picture_latent, depth_latent, timestep, prompt)
