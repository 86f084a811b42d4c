"""Layer settings: what belongs to one layer of a cut, and how it is made."""

import math
from dataclasses import dataclass

# Id of the sky.
SKY = -1
# Shapes: as deep as the picture says; that with its planes exact; the plane on which most of the
# layer lies; flat, facing the camera; and, as far as can be, flat or equally far along every ray,
# which are the sky's.
KINDS = ("RELIEF", "PLANES", "PLANE", "CARD", "SKY", "DOME")
SKY_KINDS = ("SKY", "DOME")
# What a layer shows where the picture does not show it: its own colors, carried on smoothly;
# texture of its own and of what is behind it; what a model makes of it.
FILLS = ("SMOOTH", "TEXTURE", "MODEL")


@dataclass(frozen=True)
class LayerSettings:
    """Settings of one layer.

    Attributes:
        id: Number by which its object is found: never that of a layer that is gone.
        end: Depth in meters at which it ends, and that of the next farther one begins; inf for a
            farthest one that ends nowhere. The sky has no depth.
        name: Of its object; None for a proposed one.
        kind: Shape, one of `KINDS`.
        edge: Pixels over which its edge fades to what is farther; 0 to 32.
        choke: Pixels by which its edge retreats; it grows by negative ones. -64 to 64.
        extension: Pixels by which its own colors are carried on under the fade of its edge; 0 to
            64.
        fill: One of `FILLS`.
        hidden: Whether it is out of sight, in viewports and renders.

    Raises:
        ValueError: A value is outside its range.
    """

    id: int
    end: float = math.inf
    name: str | None = None
    kind: str = "RELIEF"
    edge: int = 3
    choke: int = 0
    extension: int = 0
    fill: str = "SMOOTH"
    hidden: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "end", float(self.end))
        for value, allowed in ((self.kind, KINDS), (self.fill, FILLS)):
            if value not in allowed:
                raise ValueError(f"{value} is none of {', '.join(allowed)}.")
        if not _is_whole(self.edge, 0, 32):
            raise ValueError(f"An edge is 0 to 32 whole pixels wide, not {self.edge}.")
        if not _is_whole(self.choke, -64, 64):
            raise ValueError(f"An edge is choked by -64 to 64 whole pixels, not {self.choke}.")
        if not _is_whole(self.extension, 0, 64):
            raise ValueError(f"Colors extend over 0 to 64 whole pixels, not {self.extension}.")


def _is_whole(value: float, least: int, most: int) -> bool:
    return least <= value <= most and int(value) == value
