"""Sources of pictures: images, image sequences, movies and movie clips of Blender as plates."""

from .active import active_image
from .clip import clip_frames_shown, is_distorted, read_clip
from .errors import SourceError, UnreadableFile
from .image import frames_shown, read_image
from .plate import Plate

__all__ = [
    "Plate",
    "SourceError",
    "UnreadableFile",
    "active_image",
    "clip_frames_shown",
    "frames_shown",
    "is_distorted",
    "read_clip",
    "read_image",
]
