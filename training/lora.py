"""Low-rank adapters (Hu et al., arXiv 2106.09685), for GPUs too small to train all weights."""

import torch

TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "conv1", "conv2"]  # attention and residual blocks


def add_adapters(unet, rank: int):
    """Freeze the U-Net's own weights in bfloat16 and add trainable float32 adapters."""
    from peft import LoraConfig

    unet.requires_grad_(False).to(torch.bfloat16)
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=TARGETS))
    for parameter in unet.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


def merge_adapters(unet):
    """Merge any adapters into the weights, which become float32, and remove them."""
    if getattr(unet, "peft_config", None):
        unet.float().fuse_lora()
        unet.unload_lora()
