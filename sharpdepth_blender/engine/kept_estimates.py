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

    def find(self, key: bytes, predict: Callable[[], MetricEstimate], keep: bool) -> MetricEstimate:
        """Take the estimate of a picture, or make it.

        Args:
            key: Of the picture, by `picture_key`.
            predict: Called where nothing was kept of it. Then the others are forgotten unless
                this one is kept, as nobody has come back to them.
            keep: Whether it comes again; of more than six the oldest is forgotten.
        """
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


def picture_key(rgb: np.ndarray, intrinsics: Intrinsics | None, resolution: int) -> bytes:
    """A digest of a picture, its camera and the resolution at which it is seen."""
    digest = hashlib.sha256(np.ascontiguousarray(rgb).data)
    digest.update(repr((rgb.shape, rgb.dtype.str, intrinsics, resolution)).encode())
    return digest.digest()
