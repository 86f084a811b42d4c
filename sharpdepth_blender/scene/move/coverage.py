"""Coverage: what is wrong with each pixel of a frame, if anything is."""

from collections.abc import Sequence

import numpy as np

from ...geometry import Intrinsics, stretch, surface_normals, unproject, visible_from
from .render_passes import Passes
from .source_view import SourceView

FINE, HOLE, UNPAINTED, STRETCHED, INVENTED = range(5)
# Of depth, within which a surface counts as the same.
_SAME = 1e-4


def find_faults(
    shown: Passes,
    solid: Passes | None,
    frame: Intrinsics,
    small: Intrinsics,
    matrix: np.ndarray,
    views: Sequence[tuple[SourceView, np.ndarray]],
    limit: float,
    invented: np.ndarray,
) -> np.ndarray:
    """Tell what is wrong with the pixels of a frame.

    Args:
        shown: Passes of the frame as it renders.
        solid: Passes of the same with all surfaces opaque, None where no view needs it.
        frame: Of the frame, at its full size.
        small: The same at the passes' size.
        matrix: (4, 4) world matrix of the shot camera, without scale.
        views: Each with its (4, 4) world matrix at this frame.
        limit: Pixels of the frame that a pixel of the picture may be drawn over, in its worst
            direction; of several pictures the best counts.
        invented: (H, W) bool, as of `find_invented`.

    Returns:
        (H, W) uint8: `FINE`; `HOLE` where nothing is; `UNPAINTED` where a surface that pictures are
        painted on gets no paint; `INVENTED` where a layer shows what was filled in; `STRETCHED`.
    """
    faults = np.full(shown.depth.shape, FINE, np.uint8)
    hole = ~(shown.depth > 0) & (shown.alpha < 0.5)
    painted, bare, drawn = _examine(shown, frame, small, matrix, views)
    faults[painted & (drawn > limit)] = STRETCHED
    faults[invented] = INVENTED
    faults[bare] = UNPAINTED
    faults[hole] = HOLE
    if solid is not None:
        # Where a surface has no paint it may let what is behind it show, or nothing at all.
        projected = [each for each in views if each[0].depth is not None]
        painted, bare, _ = _examine(solid, frame, small, matrix, projected)
        through = ~np.isclose(shown.depth, solid.depth, rtol=_SAME, atol=0)
        faults[(bare & through) | (painted & hole)] = UNPAINTED
    return faults


def _examine(
    passes: Passes,
    frame: Intrinsics,
    small: Intrinsics,
    matrix: np.ndarray,
    views: Sequence[tuple[SourceView, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where paint is, where there is none though there should be, and how far it is drawn out."""
    shape = passes.depth.shape
    points = unproject(passes.depth, small).astype(np.float64)
    normals = surface_normals(points)
    wanted, painted = np.zeros(shape, bool), np.zeros(shape, bool)
    drawn = np.full(shape, np.inf)
    for view, place in views:
        here = passes.shows(view.paints)
        wanted |= here
        relative = np.linalg.inv(place) @ matrix
        found = points[here], normals[here]
        if view.depth is not None:
            turned = found[0] @ relative[:3, :3].T + relative[:3, 3]
            facing = found[1] @ np.linalg.inv(relative[:3, :3])
            height, width = view.depth.shape
            lens = view.intrinsics.resized(width, height)
            seen = visible_from(turned, facing, view.depth, lens)
            here[here] = seen
            found = found[0][seen], found[1][seen]
        painted |= here
        factor = stretch(*found, frame, view.intrinsics, relative)
        factor[np.isnan(factor)] = 0  # a lone pixel, of whose surface nothing is known
        drawn[here] = np.minimum(drawn[here], factor)
    return painted, wanted & ~painted, drawn
