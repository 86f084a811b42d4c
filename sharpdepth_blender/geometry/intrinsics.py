"""Intrinsics: how a pinhole camera maps directions to pixels."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

# A frame of 35 mm film, in millimeters; its diagonal defines the "35 mm equivalent" focal length.
FILM_DIAGONAL = math.hypot(36.0, 24.0)


@dataclass(frozen=True)
class Intrinsics:
    """Pinhole intrinsics of one picture.

    A point (X, Y, Z) with x right, y down and z forward is seen at
    `u = fx X / Z + cx`, `v = fy Y / Z + cy`. They unpack as `fx, fy, cx, cy`.

    Attributes:
        fx: Focal length in pixel widths, > 0.
        fy: Focal length in pixel heights, > 0.
        cx: Principal point, pixels from the left edge; the top-left pixel's center is at 0.5.
        cy: Principal point, pixels from the top edge.
        width: Picture width in pixels, >= 1.
        height: Picture height in pixels, >= 1.

    Raises:
        ValueError: A value is outside the ranges above.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int

    def __post_init__(self) -> None:
        for name in ("fx", "fy", "cx", "cy"):
            value = float(getattr(self, name))
            if not math.isfinite(value):
                raise ValueError(f"`{name}` must be a finite number of pixels, not {value}.")
            if name in ("fx", "fy") and value <= 0:
                raise ValueError(f"`{name}` must be greater than zero, not {value:g}.")
            object.__setattr__(self, name, value)
        for name in ("width", "height"):
            value = getattr(self, name)
            if int(value) != value or value < 1:
                raise ValueError(f"`{name}` must be a whole number of pixels, not {value}.")
            object.__setattr__(self, name, int(value))

    def __iter__(self) -> Iterator[float]:
        return iter((self.fx, self.fy, self.cx, self.cy))

    @property
    def fov(self) -> float:
        """Field of view across the longer side, degrees, as of a centered picture."""
        length, focal = max((self.width, self.fx), (self.height, self.fy))
        return math.degrees(2 * math.atan(length / focal / 2))

    @classmethod
    def from_fov(cls, degrees: float, width: int, height: int) -> Self:
        """Centered square pixels, with a field of view across the longer side (Blender's AUTO fit).

        Args:
            degrees: Field of view across the longer side, 0 < degrees < 180.
            width: Picture width in pixels.
            height: Picture height in pixels.

        Returns:
            Intrinsics with `f = longer / (2 tan(degrees / 2))`.

        Raises:
            ValueError: The angle is outside its range, or a side is not a whole number >= 1.
        """
        if not 0 < degrees < 180:
            raise ValueError(f"A field of view lies between 0 and 180 degrees, not {degrees:g}.")
        focal = max(width, height) / (2 * math.tan(math.radians(degrees) / 2))
        return cls(focal, focal, width / 2, height / 2, width, height)

    @classmethod
    def from_focal_35mm(cls, millimeters: float, width: int, height: int) -> Self:
        """Square pixels, centered, from a 35 mm equivalent focal length (EXIF).

        Args:
            millimeters: Focal length that gives the same diagonal field of view on 36 x 24 mm, > 0.
            width: Picture width in pixels.
            height: Picture height in pixels.

        Returns:
            Intrinsics with `f = millimeters * diagonal / 43.27`, the diagonal in pixels.

        Raises:
            ValueError: The focal length is not a positive number, or a side is not whole and >= 1.
        """
        focal = millimeters * math.hypot(width, height) / FILM_DIAGONAL
        return cls(focal, focal, width / 2, height / 2, width, height)

    def resized(self, width: int, height: int) -> Self:
        """The same camera's, of the same picture in another size; both in pixels, >= 1."""
        across, down = width / self.width, height / self.height
        return replace(
            self,
            fx=self.fx * across,
            fy=self.fy * down,
            cx=self.cx * across,
            cy=self.cy * down,
            width=width,
            height=height,
        )

    def cropped(self, left: int, top: int, width: int, height: int) -> Self:
        """The same camera's, of a part of the picture that begins at a column and row; pixels."""
        return replace(self, cx=self.cx - left, cy=self.cy - top, width=width, height=height)
