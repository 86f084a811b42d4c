"""MoGe-2 (Wang et al., arXiv 2507.02546), inference only.

Written from its equations. Parameter names match the released checkpoints, except for the backbone,
which is DINOv2 from transformers.
"""

from .checkpoint import convert_pickle, load_moge

__all__ = ["convert_pickle", "load_moge"]
