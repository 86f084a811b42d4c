"""UniDepth V1 and V2 (Piccinelli et al., arXiv 2403.18913 and 2502.20110), inference only.

Written from their equations. Parameter names match the released checkpoints, except for the
backbone, which is DINOv2 from transformers.
"""

from .checkpoint import load_unidepth

__all__ = ["load_unidepth"]
