"""Strips: a large map in pieces of whole rows, whose values in between fit a cache."""

from collections.abc import Iterator

# Samples of a strip. Memory of this size is also given again without the system's clearing it.
_SAMPLES = 1 << 17


def strips(height: int, width: int) -> Iterator[slice]:
    """Yield the rows of each strip of a (height, width) map, from the top."""
    step = max(1, _SAMPLES // max(width, 1))
    for top in range(0, height, step):
        yield slice(top, min(top + step, height))
