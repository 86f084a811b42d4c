"""Placement: where a camera background lies in the camera's frame, and so who took the picture."""

import math
from dataclasses import dataclass
from typing import Literal

from .intrinsics import Intrinsics


@dataclass(frozen=True)
class Placement:
    """Blender's settings of a camera background.

    Attributes:
        frame_method: `STRETCH`, `FIT` (as a whole inside the frame) or `CROP` (covering it).
        offset: Right and up, in Blender's unit for it (see `view_of_background`).
        scale: Of the picture as the frame method has it, above 0.
        rotation: Radians, clockwise as the camera sees it.
    """

    frame_method: Literal["STRETCH", "FIT", "CROP"] = "STRETCH"
    offset: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    rotation: float = 0.0


@dataclass(frozen=True)
class View:
    """A picture as a camera of its own sees it.

    Attributes:
        intrinsics: Of the picture.
        roll: Radians by which that camera is turned about its optical axis, anticlockwise as it
            looks, from the camera whose background the picture is.
    """

    intrinsics: Intrinsics
    roll: float = 0.0


def view_of_background(
    frame: Intrinsics,
    spans_width: bool,
    width: int,
    height: int,
    aspect: float,
    placement: Placement,
) -> View:
    """Find the camera that saw a background picture where Blender draws it.

    Let lengths be such that the side of the frame which the sensor spans is 1, the frame `w` by
    `h`, `c = w / h`, and `i` the picture's own aspect. The picture's size is, by frame method,

        stretch   (w, h)
        fit       (w, w / i) if i > c else (h i, h)
        crop      (h i, h)   if i > c else (w, w / i)

    times `scale`; it is turned by `-rotation` about its center, which lies from the frame's center
    by `(offset_x min(1, c), offset_y / (max(1, c) i / c))`. That is where Blender 4.5 to 5.2 draw
    it. A turned picture was seen by a camera that is turned with it. Flips mirror the picture, not
    the world, and are not looked at here.

    Args:
        frame: Of the rendered frame.
        spans_width: Whether the sensor spans the frame's width, not its height.
        width: Picture width in pixels.
        height: Picture height in pixels.
        aspect: Width over height of one of the picture's pixels.
        placement: Where the picture is drawn in it.

    Returns:
        Its view, with intrinsics of (width, height).

    Raises:
        ValueError: The scale is not above 0.
    """
    if not placement.scale > 0:
        raise ValueError("The background picture is scaled to nothing.")
    # In the camera's image plane at a distance of 1, which needs no sensor fit.
    frame_width, frame_height = frame.width / frame.fx, frame.height / frame.fy
    center_x = (frame.width / 2 - frame.cx) / frame.fx
    center_y = (frame.cy - frame.height / 2) / frame.fy
    fitted = frame_width if spans_width else frame_height
    c = frame_width / frame_height
    i = width * aspect / height

    size_x, size_y = frame_width, frame_height
    if placement.frame_method != "STRETCH":
        by_width = (i > c) == (placement.frame_method == "FIT")
        size_x, size_y = (
            (frame_width, frame_width / i) if by_width else (frame_height * i, frame_height)
        )
    size_x, size_y = size_x * placement.scale, size_y * placement.scale
    roll = -placement.rotation
    center_x += fitted * placement.offset[0] * min(1.0, c)
    center_y += fitted * placement.offset[1] / (max(1.0, c) * i / c)

    # Where the optical axis meets the picture, from its center and along its own sides.
    cos, sin = math.cos(roll), math.sin(roll)
    along_x = -(cos * center_x + sin * center_y)
    along_y = -(-sin * center_x + cos * center_y)
    intrinsics = Intrinsics(
        fx=width / size_x,
        fy=height / size_y,
        cx=width * (0.5 + along_x / size_x),
        cy=height * (0.5 - along_y / size_y),
        width=width,
        height=height,
    )
    return View(intrinsics, roll)
