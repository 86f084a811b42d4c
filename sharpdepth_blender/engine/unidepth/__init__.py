"""UniDepth V1 and V2 (Piccinelli et al., arXiv 2403.18913 and 2502.20110), inference only.

Written from their equations. Networks carry the parameter names of the released checkpoints, save
the backbone, which is transformers' DINOv2.
"""

from .checkpoint import load_unidepth

__all__ = ["load_unidepth"]
