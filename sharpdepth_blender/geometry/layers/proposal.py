"""Proposal: which shape suits each layer of a cut, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..intrinsics import Intrinsics
from ..planes import CEILING, FLOOR, OTHER, WALL, FlatDepth, fit_plane, name_planes
from .cut import Cut
from .labels import label_pixels
from .layer_settings import SKY

# A card's depths differ by less than this share of its distance, but for strays at either end.
_CARD, _STRAYS = 0.03, 0.02
# Shares of a layer that are on its plane, and on its planes; and of the smallest that is named.
_PLANE, _PLANES, _NAMED = 0.85, 0.5, 0.03
_NOUNS = {
    FLOOR: ("floor", "{count} floors"),
    CEILING: ("ceiling", "{count} ceilings"),
    WALL: ("wall", "{count} walls"),
    OTHER: ("other plane", "{count} other planes"),
}


@dataclass(frozen=True)
class Proposal:
    """A shape for a layer.

    Attributes:
        id: Of the layer's settings.
        kind: Shape, as of the settings.
        reason: Why, in words that follow a colon.
    """

    id: int
    kind: str
    reason: str


def propose_kinds(
    depth: np.ndarray,
    intrinsics: Intrinsics,
    cut: Cut,
    flat: FlatDepth,
    up: np.ndarray | None = None,
) -> list[Proposal]:
    """Propose the shape of each layer, the sky's last.

    Args:
        depth: (H, W) z-depth in meters, holes not finite or not above zero.
        intrinsics: Of that size.
        cut: How the picture is parted.
        flat: The depth laid on its planes, of the same size.
        up: (3,) upwards in the camera's space (x right, y down, z forward); None if level.
    """
    labels, whole = label_pixels(depth, cut, {})
    names = name_planes(flat.found.planes, up)
    proposals = [
        Proposal(layer.id, *_shape(whole, labels == index, intrinsics, flat, names))
        for index, layer in enumerate(cut.layers)
    ]
    return [*proposals, Proposal(SKY, *_sky(labels == len(cut.layers)))]


def _sky(own: np.ndarray) -> tuple[str, str]:
    """A dome where a camera that turns would look past the end of a card."""
    ends = {"left": own[:, 0], "right": own[:, -1], "top": own[0], "bottom": own[-1]}
    reached = [name for name, end in ends.items() if end.any()]
    if not reached:
        return "SKY", "beyond all depth, with nearer things all around it"
    borders = f"{_in_words(reached)} border{'s' if len(reached) > 1 else ''}"
    return "DOME", f"beyond all depth, up to the {borders} of the picture"


def _shape(
    depth: np.ndarray,
    own: np.ndarray,
    intrinsics: Intrinsics,
    flat: FlatDepth,
    names: Sequence[str],
) -> tuple[str, str]:
    values = depth[own & (depth > 0)]
    if not values.size:
        return "RELIEF", "empty"
    near, middle, far = np.quantile(values, (_STRAYS, 0.5, 1 - _STRAYS))
    spread = (far - near) / middle
    if spread < _CARD:
        return "CARD", f"its depth spans {spread:.1%} of its distance"
    fit = fit_plane(depth, own, intrinsics)
    if fit and fit.share > _PLANE:
        return "PLANE", f"{fit.share:.0%} of it lies on one plane within {fit.tolerance:.1%}"
    labels = flat.found.labels[own]
    shares = np.bincount(labels[labels >= 0], minlength=len(names)) / labels.size
    total = float(shares.sum())
    if total > _PLANES:
        return "PLANES", f"{_listed(shares, names)}, {total:.0%} of it"
    return "RELIEF", f"{total:.0%} of it lies on planes" if total >= 0.01 else "no plane in it"


def _listed(shares: np.ndarray, names: Sequence[str]) -> str:
    """Planes by their names, such as `floor and 2 walls`."""
    large = [name for share, name in zip(shares, names, strict=True) if share > _NAMED]
    if not large:
        return "small planes"
    words = []
    for name, (one, many) in _NOUNS.items():
        if count := large.count(name):
            words.append(one if count == 1 else many.format(count=count))
    return _in_words(words)


def _in_words(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
