"""Cut: how a picture is parted into layers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Self

import numpy as np

from ..thresholds import FEWEST, MOST
from .layer_settings import SKY, SKY_KINDS, LayerSettings

# Depth that a former layer and a new one have in common, as a share of both, that are the same.
_SAME = 0.5


@dataclass(frozen=True)
class Cut:
    """How a picture is parted into layers.

    Attributes:
        layers: 2 to 8, of which each is before those that follow. A pixel belongs to the one with
            the least end beyond its depth.
        sky: What lies beyond all of them, or has no depth.
        near: What lies nearer is left out, in meters.
        move: Meters by which the camera may go in any direction without a hole to be seen.
        next_id: Id of the next layer that is added; 0 for the next free one.

    Raises:
        ValueError: A value is outside its range, or two layers have one id or end.
    """

    layers: tuple[LayerSettings, ...]
    sky: LayerSettings = field(default=LayerSettings(SKY, kind="SKY"))
    near: float = 0.0
    move: float = 0.0
    next_id: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not FEWEST <= len(self.layers) <= MOST:
            raise ValueError(
                f"A picture has {FEWEST} to {MOST} layers, so {FEWEST - 1} to {MOST - 1} "
                f"thresholds, not {len(self.layers) - 1}."
            )
        ids = [layer.id for layer in self.layers]
        if len(set(ids)) < len(ids) or min(ids) < 0 or self.sky.id != SKY:
            raise ValueError(f"Each layer needs an id of its own, 0 or above, not {ids}.")
        if self.sky.kind not in SKY_KINDS:
            raise ValueError(f"The sky has no depth, so its kind is one of {', '.join(SKY_KINDS)}.")
        _check_ends(sorted(layer.end for layer in self.layers))
        if not (np.isfinite(self.move) and self.move >= 0):
            raise ValueError(f"A move is 0 meters or more, not {self.move}.")
        object.__setattr__(self, "next_id", max(self.next_id, max(ids) + 1))

    @classmethod
    def at(
        cls,
        thresholds: Sequence[float],
        *,
        sky: float = 0.0,
        near: float = 0.0,
        move: float = 0.0,
        kind: str = "RELIEF",
        edge: int = 3,
    ) -> Self:
        """A cut into layers that are all alike.

        Args:
            thresholds: Ascending meters; a layer reaches from one of them up to the next.
            sky: What lies beyond so many meters is the sky; 0 leaves it to holes of the depth.
            near: As of the class.
            move: Likewise.
            kind: Of each layer.
            edge: Likewise.
        """
        layers = (
            LayerSettings(number, end, kind=kind, edge=edge)
            for number, end in enumerate(_ends(thresholds, sky))
        )
        return cls(tuple(layers), LayerSettings(SKY, kind="SKY", edge=edge), near, move)

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Ascending meters at which a layer ends and the next farther one begins."""
        return tuple(sorted(layer.end for layer in self.layers))[:-1]

    @property
    def sky_depth(self) -> float:
        """What lies beyond so many meters is the sky; 0 if only holes of the depth are."""
        farthest = max(layer.end for layer in self.layers)
        return farthest if math.isfinite(farthest) else 0.0

    @property
    def has_planes(self) -> bool:
        """Whether a layer is laid on the planes of the picture."""
        return any(layer.kind == "PLANES" for layer in self.layers)

    @property
    def by_depth(self) -> tuple[int, ...]:
        """Indices of the layers, in the order of their ends."""
        ends = [layer.end for layer in self.layers]
        return tuple(sorted(range(len(ends)), key=ends.__getitem__))

    @property
    def ranges(self) -> tuple[tuple[float, float], ...]:
        """(start, end) meters of each layer."""
        starts = dict(zip(self.by_depth, (0.0, *self.thresholds), strict=True))
        return tuple((starts[index], each.end) for index, each in enumerate(self.layers))

    def layer(self, number: int) -> LayerSettings:
        """The layer, or the sky, with this id.

        Raises:
            KeyError: There is none.
        """
        return {each.id: each for each in (*self.layers, self.sky)}[number]

    def with_layer(self, number: int, **changes: object) -> Self:
        """The cut with other settings of one layer, or of the sky.

        Raises:
            KeyError: There is none with this id.
            ValueError: A value is outside its range, or the kind is not for the sky.
        """
        changed = replace(self.layer(number), **changes)  # type: ignore[arg-type]
        if number == SKY:
            return replace(self, sky=changed)
        layers = (changed if each.id == number else each for each in self.layers)
        return replace(self, layers=tuple(layers))

    def with_thresholds(self, thresholds: Sequence[float], sky: float | None = None) -> Self:
        """The cut at other depths.

        As many layers keep all but their ends, from near to far. Of more or fewer, those are the
        same that share the most depth (see `shared_depth`); an added one is like that with which it
        shares the most, and stands right behind the next nearer one.

        Args:
            thresholds: Ascending meters.
            sky: Depth beyond which everything is sky, 0 for none; None to leave it as it is.
        """
        ends = _ends(thresholds, self.sky_depth if sky is None else sky)
        ranges = tuple(zip((0.0, *ends[:-1]), ends, strict=True))
        former = [(self.layers[index], self.ranges[index]) for index in self.by_depth]
        shared = [[shared_depth(each, place) for place in ranges] for _, each in former]
        same = {new: old for old, new in _pairs(shared)}
        kept = {former[old][0].id for old in same.values()}
        order = [each.id for each in self.layers if each.id in kept]
        layers: dict[int, LayerSettings] = {}
        next_id, nearer = self.next_id, None
        for new, end in enumerate(ends):
            if new in same:
                layer = replace(former[same[new]][0], end=end)
            else:
                like = max(range(len(former)), key=lambda old: shared[old][new])
                layer = replace(former[like][0], id=next_id, end=end, name=None, hidden=False)
                order.insert(0 if nearer is None else order.index(nearer) + 1, next_id)
                next_id += 1
            layers[layer.id], nearer = layer, layer.id
        return replace(self, layers=tuple(layers[number] for number in order), next_id=next_id)


def shared_depth(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How much two ranges of depth have in common, as a share of both together, in log depth.

    Args:
        one: (start, end) in meters; what starts at 0 or ends nowhere is taken to go on to half the
            nearest, or twice the farthest other end of the two.
        other: Likewise.
    """
    ends = [each for each in (*one, *other) if 0 < each < math.inf]
    if not ends:
        return 1.0
    (a, b), (c, d) = (
        (math.log(max(start, min(ends) / 2)), math.log(min(end, 2 * max(ends))))
        for start, end in (one, other)
    )
    return max(min(b, d) - max(a, c), 0.0) / (max(b, d) - min(a, c))


def same_place(former: Mapping[str, tuple[float, float]], place: tuple[float, float]) -> str | None:
    """Which layer that is gone shares the most depth with a place, None where none shares half.

    Args:
        former: (start, end) in meters of each, by whatever names it.
        place: Likewise, of a layer that is new.
    """
    shared = {name: shared_depth(each, place) for name, each in former.items()}
    best = max(shared, key=lambda name: shared[name], default=None)
    return best if best is not None and shared[best] >= _SAME else None


def _pairs(shared: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """(old, new) of all of the fewer ones, in order, that share the most together."""
    old, new = len(shared), len(shared[0])
    fewer = range(min(old, new))
    choices = (
        list(zip(fewer, chosen, strict=True) if old < new else zip(chosen, fewer, strict=True))
        for chosen in combinations(range(max(old, new)), len(fewer))
    )
    return max(choices, key=lambda pairs: sum(shared[i][j] for i, j in pairs))


def _ends(thresholds: Sequence[float], sky: float) -> tuple[float, ...]:
    ends = (*(float(each) for each in thresholds), float(sky) if sky > 0 else math.inf)
    _check_ends(ends)
    return ends


def _check_ends(ends: Sequence[float]) -> None:
    ascend = all(a < b for a, b in zip((0.0, *ends[:-1]), ends, strict=True))
    if not (ascend and np.isfinite(ends[:-1]).all()):
        raise ValueError("Thresholds must ascend from above 0, and the sky lie beyond them.")
