"""Sources of pictures: images, image sequences, movies and movie clips of Blender as plates."""

from .active import active_image
from .clip import read_clip
from .errors import SourceError, UnreadableFile
from .image import read_image
from .plate import Plate

__all__ = ["Plate", "SourceError", "UnreadableFile", "active_image", "read_clip", "read_image"]
