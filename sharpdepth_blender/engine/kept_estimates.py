"""Kept estimates: what an estimator said of pictures that come again."""

import hashlib
from collections.abc import Callable

import numpy as np

from ..geometry import Intrinsics
from .metric import MetricEstimate

_MOST = 6  # such as the views of a panorama


class KeptEstimates:
    """Estimates that are taken once, by the next call for the same picture."""

    def __init__(self):
        self._kept: dict[bytes, MetricEstimate] = {}

    def find(
        self,
        rgb: np.ndarray,
        intrinsics: Intrinsics | None,
        resolution: int,
        predict: Callable[[], MetricEstimate],
        keep: bool,
    ) -> MetricEstimate:
        """Take the estimate of a picture, or make it.

        Args:
            rgb: (H, W, 3) picture.
            intrinsics: Of its camera, if that is told to the estimator.
            resolution: At which it is seen.
            predict: Called where nothing was kept of it. Then the others are forgotten unless
                this one is kept, as nobody has come back to them.
            keep: Whether it comes again; of more than six the oldest is forgotten.
        """
        if not (keep or self._kept):  # as with nearly all pictures: a digest takes its time
            return predict()
        key = _digest(rgb, intrinsics, resolution)
        found = self._kept.pop(key, None)
        if found is None:
            if not keep:
                self._kept.clear()
            found = predict()
        if keep:
            self._kept[key] = found
            if len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]
        return found


def _digest(rgb: np.ndarray, intrinsics: Intrinsics | None, resolution: int) -> bytes:
    digest = hashlib.sha256(np.ascontiguousarray(rgb).data)
    digest.update(repr((rgb.shape, rgb.dtype.str, intrinsics, resolution)).encode())
    return digest.digest()
