"""Smoothing: labels of a grid that neighbors of like color share."""

from collections.abc import Iterator

import numpy as np

# How far neighbors are, in samples: near ones keep borders smooth, far ones join what is parted.
_REACHES = (1, 2, 4, 7)
# Difference of color, of values in 0..1, at which neighbors still count with a weight of 1/e.
_ALIKE = 0.08
# What all neighbors together count, in the square of tolerances; and how sure the first guess is.
_PULL, _LINE_PULL, _SURE = 2.0, 3.0, 1.5
_ROUNDS = 12


def smooth_labels(
    costs: np.ndarray,
    colors: np.ndarray | None,
    lines: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """Find how likely each label is at each sample, given what its neighbors are.

    Mean-field inference (see Krähenbühl and Koltun 2011) over neighbors at a few distances in
    eight directions, weighted by likeness of color.

    Args:
        costs: (K, h, w) float32, what each label costs a sample; inf where it may not be.
        colors: (h, w, 3) in 0..1, or None for all alike.
        lines: (line, sample): (P,) number of the line, and the flat index of a sample on it, which
            the others on it draw to their label; None for no lines.

    Returns:
        (K, h, w) float32, of which each sample has a sum of 1.
    """
    weights = list(_weights(costs.shape[1:], colors))
    total = np.full(costs.shape[1:], 1e-6, np.float32)
    for to, source, weight in weights:
        total[to] += weight
        total[source] += weight
    likely = _normalized(-_SURE * costs)
    for _ in range(_ROUNDS):
        votes = np.zeros_like(likely)
        for to, source, weight in weights:
            votes[(slice(None), *to)] += weight * likely[(slice(None), *source)]
            votes[(slice(None), *source)] += weight * likely[(slice(None), *to)]
        votes *= _PULL / total
        if lines is not None:
            _vote_along(lines, likely, votes)
        likely = _normalized(_SURE * (votes - costs))
    return likely


def _vote_along(
    lines: tuple[np.ndarray, np.ndarray], likely: np.ndarray, votes: np.ndarray
) -> None:
    line, sample = lines
    count = np.maximum(np.bincount(line), 1)
    on = np.maximum(np.bincount(sample, minlength=votes[0].size), 1)
    for label, vote in zip(likely, votes, strict=True):
        mean = np.bincount(line, label.ravel()[sample]) / count
        drawn = np.bincount(sample, mean[line], votes[0].size) / on
        vote += (_LINE_PULL * drawn).reshape(vote.shape).astype(np.float32)


def _weights(
    shape: tuple[int, ...], colors: np.ndarray | None
) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice], np.ndarray]]:
    """Pairs of windows that hold neighbors, with the weight of each pair."""
    height, width = shape
    for reach in _REACHES:
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            y, x = down * reach, right * reach
            if y >= height or abs(x) >= width:
                continue
            source = slice(0, height - y), slice(max(0, -x), width - max(0, x))
            to = slice(y, height), slice(max(0, x), width - max(0, -x))
            weight = np.ones((height - y, width - abs(x)), np.float32)
            if colors is not None:
                apart = ((colors[to] - colors[source]) ** 2).sum(-1)
                weight = np.exp(-apart / np.float32(_ALIKE**2)).astype(np.float32)
            yield to, source, weight / reach


def _normalized(logits: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        values = np.exp(logits - logits.max(0))
    return values / values.sum(0)
