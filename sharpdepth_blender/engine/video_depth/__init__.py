"""Video Depth Anything (Chen et al., arXiv 2501.12375): depth of a shot that is steady over time.

Written for this project on transformers' DINOv2; tests hold it to the published code.
"""

from .checkpoint import convert_pickle, load_video_depth

__all__ = ["convert_pickle", "load_video_depth"]
