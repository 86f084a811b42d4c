"""A picture that shows at a glance how a model does: one row per frame."""

from pathlib import Path

import numpy as np
from PIL import Image

# Colours of near to far, mixed linearly; dark violet, red, orange, pale yellow.
_NEAR_TO_FAR = np.array(
    [[252, 255, 190], [251, 155, 60], [205, 65, 75], [110, 30, 110], [20, 10, 50]], float
)


def write_contact_sheet(path: Path, rows):
    """Write picture, truth, f_D, sharpened depth and difference of (frame, result) pairs.

    Depths of a row share one logarithmic range, that of the truth.
    """
    side = max(max(frame.depth.shape) for frame, _ in rows)
    sheet = np.zeros((len(rows) * side, 5 * side, 3), np.uint8)
    for row, (frame, result) in enumerate(rows):
        near, far = frame.depth.min(), frame.depth.max()
        maps = [_coloured(d, near, far) for d in (frame.depth, result.metric_depth, result.depth)]
        grey = np.repeat((result.difference * 255).astype(np.uint8)[..., None], 3, axis=2)
        for column, picture in enumerate([frame.rgb, *maps, grey]):
            height, width = picture.shape[:2]
            y, x = row * side, column * side
            sheet[y : y + height, x : x + width] = picture
    Image.fromarray(sheet).save(path)


def _coloured(depth, near, far):
    share = np.log(np.clip(depth, near, far) / near) / max(np.log(far / near), 1e-6)
    stops = np.linspace(0, 1, len(_NEAR_TO_FAR))
    channels = [np.interp(share, stops, _NEAR_TO_FAR[:, c]) for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8)
