"""Depth Anything 3, metric and mono (Lin et al., arXiv 2511.10647), inference only.

Written from its equations. Parameter names match the released checkpoints, except for the backbone,
which is DINOv2 from transformers.
"""

from .checkpoint import load_da3

__all__ = ["load_da3"]
