"""The frames that the stage `render` makes."""

import numpy as np

from ..scenes.frame import Frame
from .files import reading
from .sample import Dataset, Sample


class Rendered(Dataset):
    """The frames of one split, each a scene, whose every pixel is true: `<folder>/0000001.npz`."""

    pattern = "[0-9]" * 7 + ".npz"  # which what an interrupted run left behind does not match

    def _read(self, entry):
        with reading(entry):
            frame = Frame.load(entry)
        return Sample(
            name=entry.stem,
            scene=entry.stem,
            rgb=frame.rgb,
            depth=frame.depth,
            valid=np.ones(frame.depth.shape, bool),
            intrinsics=frame.intrinsics,
        )
