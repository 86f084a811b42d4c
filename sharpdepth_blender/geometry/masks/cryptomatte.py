"""Cryptomatte: the matte of named things from ids and their coverage.

J. Friedman and A. Jones, "Fully automatic ID mattes with support for motion blur and transparency",
SIGGRAPH 2015, and the specification 1.2.0: ids are MurmurHash3 of names as floats.
"""

from collections.abc import Iterable, Sequence

import numpy as np

_MASK = 0xFFFFFFFF


def cryptomatte_id(name: str) -> np.float32:
    """The id of a name."""
    bits = _murmur3(name.encode())
    exponent = bits >> 23 & 255
    if exponent in (0, 255):  # neither denormal nor infinite
        bits ^= 1 << 23
    return np.uint32(bits).view(np.float32)


def matte_of(
    ranks: Sequence[tuple[np.ndarray, np.ndarray]], ids: Iterable[np.float32]
) -> np.ndarray:
    """How much of each pixel some things cover.

    Args:
        ranks: Pairs of (H, W) float32: ids, and how much of the pixel each covers.
        ids: Of the things.

    Returns:
        (H, W) float32, 0..1.
    """
    wanted = np.array(list(ids), np.float32).view(np.uint32)
    matte = np.zeros(ranks[0][0].shape, np.float32)
    for found, coverage in ranks:
        bits = np.ascontiguousarray(found, np.float32).view(np.uint32)
        matte += np.where(np.isin(bits, wanted), coverage, 0)
    return np.clip(matte, 0, 1)


def _murmur3(data: bytes) -> int:
    """MurmurHash3_x86_32 of A. Appleby, in the public domain, with the seed 0."""

    def rotated(value: int, by: int) -> int:
        return (value << by | value >> 32 - by) & _MASK

    def mixed(block: int) -> int:
        return rotated(block * 0xCC9E2D51 & _MASK, 15) * 0x1B873593 & _MASK

    hashed, whole = 0, len(data) // 4 * 4
    for at in range(0, whole, 4):
        hashed ^= mixed(int.from_bytes(data[at : at + 4], "little"))
        hashed = (rotated(hashed, 13) * 5 + 0xE6546B64) & _MASK
    hashed ^= mixed(int.from_bytes(data[whole:], "little"))
    hashed ^= len(data)
    hashed = (hashed ^ hashed >> 16) * 0x85EBCA6B & _MASK
    hashed = (hashed ^ hashed >> 13) * 0xC2B2AE35 & _MASK
    return hashed ^ hashed >> 16
