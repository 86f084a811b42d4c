"""Frames written by the stage `render`."""

import numpy as np

from ..scenes.frame import Frame
from .files import reading
from .sample import Dataset, Sample


class Rendered(Dataset):
    """Frames of one split, each its own scene: `<folder>/0000001.npz`. The sky is not valid."""

    pattern = "[0-9]" * 7 + ".npz"  # does not match temporary files of an interrupted run

    def _read(self, entry):
        with reading(entry):
            frame = Frame.load(entry)
        return Sample(
            name=entry.stem,
            scene=entry.stem,
            rgb=frame.rgb,
            depth=frame.depth,
            valid=np.ones(frame.depth.shape, bool) if frame.sky is None else ~frame.sky,
            intrinsics=frame.intrinsics,
        )
