"""Fill job: what is given to a fill, so that it invents what a layer does not show."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..fill import Encoding
from .frame import common_windows
from .layer import Layer


@dataclass(frozen=True)
class FillJob:
    """A layer's picture with its hole.

    Attributes:
        values: (3, H, W) float32 sRGB, about 0..1.
        known: (H, W) bool, pixels of the picture that show nothing but this layer.
        hole: (H, W) bool, pixels to fill.
        source: (3, H, W) float32, this layer and those behind it where the picture shows them.
        usable: (H, W) bool, where it does.
        encoding: Of the picture.
    """

    values: np.ndarray
    known: np.ndarray
    hole: np.ndarray
    source: np.ndarray
    usable: np.ndarray
    encoding: Encoding

    @property
    def stamp(self) -> int:
        """What tells this job from others, of other pixels or with another hole."""
        found = 0
        for array in (self.known, self.hole, self.usable):
            found = zlib.crc32(
                np.packbits(array).data, zlib.crc32(repr(array.shape).encode(), found)
            )
        return zlib.crc32(np.ascontiguousarray(self.source[:, self.usable]).data, found)


def fill_job(layers: Sequence[Layer], index: int, is_linear: bool) -> FillJob:
    """What is to be filled in a layer.

    Args:
        layers: Of one cut, the nearest first.
        index: Of the layer.
        is_linear: Whether their picture is in linear light.
    """
    layer = layers[index]
    own = np.ascontiguousarray(np.moveaxis(layer.rgba[..., :3], -1, 0))
    source, usable = np.zeros_like(own), np.zeros_like(layer.known)
    for behind in reversed(layers[index:]):
        here, there = common_windows(layer.intrinsics, behind.intrinsics)
        where = behind.known[there]
        usable[here] |= where
        part = np.moveaxis(behind.rgba[there][..., :3], -1, 0)
        source[(slice(None), *here)] = np.where(where, part, source[(slice(None), *here)])
    encoding = Encoding.of(source, usable, is_linear)
    values = np.where(layer.known, own, 0)
    return FillJob(
        encoding.encode(values), layer.known, layer.invented, encoding.encode(source), usable,
        encoding,
    )  # fmt: skip
