"""Operations on one layer of a cut: every other layer stays as it is.

What a layer's pictures and shape follow from is told by `recipe`; so whatever an operation leaves
alone need not be made again.
"""

import math
from collections.abc import Iterable
from dataclasses import replace

from ..thresholds import MOST
from .cut import Cut
from .layer_settings import SKY


def split_layer(cut: Cut, number: int, depth: float) -> Cut:
    """Part one layer in two at a depth.

    The nearer part keeps its id and name. The farther one is new, like it, and next behind it.

    Args:
        cut: Cut with the layer.
        number: Id of the layer.
        depth: Meters, within the layer.

    Raises:
        ValueError: There is no such layer, it does not reach across that depth, or there are as
            many layers as there may be.
    """
    index = _index(cut, number)
    start, end = cut.ranges[index]
    if len(cut.layers) >= MOST:
        raise ValueError(f"There are {MOST} layers, which is the most.")
    if not start < depth < end:
        raise ValueError(
            f"The layer reaches from {start:g} m to {end:g} m, not across {depth:g} m."
        )
    whole = cut.layers[index]
    farther = replace(whole, id=cut.next_id, name=None)
    layers = (
        *cut.layers[:index], replace(whole, end=depth), farther, *cut.layers[index + 1 :]
    )  # fmt: skip
    return replace(cut, layers=layers)


def merge_layers(cut: Cut, number: int) -> Cut:
    """Join a layer with the one behind it, whose pixels it takes over.

    Args:
        cut: Cut with both.
        number: Id of the layer, which stays.

    Raises:
        ValueError: There is no such layer or none behind it, they do not meet in depth, or only one
            would be left.
    """
    index = _index(cut, number)
    if index + 1 == len(cut.layers):
        raise ValueError("There is no layer behind it to merge it with.")
    own, other = cut.layers[index : index + 2]
    places = cut.by_depth.index(index), cut.by_depth.index(index + 1)
    if abs(places[0] - places[1]) > 1:
        raise ValueError("The layers do not meet in depth, so they cannot be one.")
    merged = replace(own, end=max(own.end, other.end))
    return replace(cut, layers=(*cut.layers[:index], merged, *cut.layers[index + 2 :]))


def move_layer(cut: Cut, number: int, step: int) -> Cut:
    """Move a layer to another place in the order, in which each is before those that follow.

    Its pixels stay its own. Behind a layer that was farther it is pushed back along the rays,
    until it stands behind that one.

    Args:
        cut: Cut with the layer.
        number: Id of the layer.
        step: Places toward the back; negative toward the camera.

    Raises:
        ValueError: There is no such layer, or no such place.
    """
    index = _index(cut, number)
    to = index + step
    if not 0 <= to < len(cut.layers):
        raise ValueError("There is no layer to move it past.")
    layers = list(cut.layers)
    layers.insert(to, layers.pop(index))
    return replace(cut, layers=tuple(layers))


def recipe(cut: Cut, number: int) -> str:
    """All of a cut that the pictures and the shape of one layer, or of the sky, follow from.

    While it is the same, they need not be made again, whatever becomes of other layers; but for
    their distance, where the order of layers is not that of their depths.

    Args:
        cut: Cut with the layer.
        number: Its id.
    """
    index = len(cut.layers) if number == SKY else _index(cut, number)
    before = cut.layers[:index]
    own = replace(cut.layer(number), id=0, name=None, hidden=False)
    start = cut.ranges[index][0] if number != SKY else cut.sky_depth
    choke = max((each.choke for each in before), default=0)  # which they must be seen behind
    front = str(_joined(cut.ranges[:index]))
    if own.kind == "PLANES":  # which goes on before its own range, as far behind theirs as they are
        ranges: dict[str, list[tuple[float, float]]] = {}
        for layer, span in zip(before, cut.ranges, strict=False):
            ranges.setdefault(layer.kind, []).append(span)
        front = str({kind: _joined(spans) for kind, spans in sorted(ranges.items())})
    common = f"near {cut.near}, move {cut.move}"
    return f"From {start}: {own}, behind {front} choked {max(choke, 0)}, {common}"


def _index(cut: Cut, number: int) -> int:
    if number == SKY:
        raise ValueError("The sky stays behind all layers, as one.")
    found = [index for index, each in enumerate(cut.layers) if each.id == number]
    if not found:
        raise ValueError(f"There is no layer with the id {number}.")
    return found[0]


def _joined(ranges: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Ranges of depth, of which those that meet are one."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(ranges):
        if joined and math.isclose(joined[-1][1], start, rel_tol=0):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined
