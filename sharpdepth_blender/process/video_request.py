"""The request for the relative depth of a window of frames."""

import os
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class VideoRequest:
    """The frames of a window, and the network that looks at them.

    Attributes:
        pictures: Files of the frames, in order.
        model: Name of the weights of a network for video.
        device: `auto`, `cuda`, `mps` or `cpu`.
    """

    TYPE: ClassVar[str] = "video"

    pictures: tuple[str, ...]
    model: str
    device: str = "auto"

    def __post_init__(self):
        # Of the child another folder is the current one.
        object.__setattr__(self, "pictures", tuple(map(os.path.abspath, self.pictures)))
