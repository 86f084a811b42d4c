"""Texture: what is hidden, put together from patches of what is seen.

From coarse to fine, patches that touch the hole are matched with patches of the source, and each
pixel of the hole becomes a mean of what the patches over it say (Wexler et al., Space-Time
Completion of Video, 2007). On the coarsest level every source is tried, from the rim of the hole
inward, so that lines and joints go on into it.
"""

import math
from collections.abc import Callable

import numpy as np

from ..inpaint import continue_values
from ..windows import near_to
from .level import COARSEST, RADIUS, Level, enlarged
from .match_field import MatchField
from .patch_match import COLORS

# Rounds of matching and voting, the coarsest level first; the last goes for all finer ones.
_ROUNDS = (4, 4, 4, 3, 2)
# Pixels by which the coarsest level is filled at a time, and the part of a patch that must be known
# by then.
_RING, _ENOUGH = 2, 0.4
# And how much the smooth continuation beyond counts, lest what a patch was taken from goes on into
# a thing that does not belong there.
_EXPECTED = 0.3
# How much a change from pixel to pixel counts, compared with a color.
_ROUGHNESS = 3.0

Progress = Callable[[float], None]


def fill_texture(
    values: np.ndarray,
    known: np.ndarray,
    hole: np.ndarray,
    source: np.ndarray | None = None,
    usable: np.ndarray | None = None,
    *,
    progress: Progress = lambda fraction: None,
) -> np.ndarray:
    """Fill a hole with texture.

    Args:
        values: (3, H, W) float32 of what is to be filled, display-referred, about 0..1.
        known: (H, W) bool, pixels that are to be gone on from.
        hole: (H, W) bool, pixels to fill, none of them known.
        source: (3, H, W) float32 of what is drawn from; None for the values themselves.
        usable: (H, W) bool, pixels of the source that may be drawn from; None for the known ones.
            Farther from what is known than these are large, the colors are carried on smoothly.
        progress: Called with a fraction in 0..1; what it raises ends the work.

    Returns:
        (3, H, W) float32: filled in the hole, elsewhere as it was.
    """
    if not hole.any():
        return values.copy()
    source = values if source is None else source
    usable = known if usable is None else usable
    canvas = continue_values(np.concatenate([values, _roughness(values, known)]), known)
    source = np.concatenate([source, _roughness(source, usable)])
    levels = _pyramid(canvas, known, hole, source, usable)
    if not levels:
        return np.where(hole, canvas[:COLORS], values)
    rng = np.random.default_rng(0)
    done, whole = 0.0, sum(level.work for level in levels)
    field: MatchField | None = None
    for number, level in enumerate(levels):
        if field is not None:
            level.begin_from(field.level.canvas)
        finer = MatchField(level)
        if field is None:
            _peel(finer)
        else:
            finer.start_from(field, rng)
            # At once, since what was only enlarged is smooth, and would be matched with that.
            finer.vote(finer.measure())
        rounds = _ROUNDS[min(number, len(_ROUNDS) - 1)]
        for step in range(rounds):
            finer.vote(finer.improve(rng, with_jitter=field is not None and step == 0))
            progress((done + level.work * (step + 1) / rounds) / whole)
        done += level.work
        field = finer
    found = levels[-1].without_seam()[:COLORS]
    share = _within_reach(levels[0], usable)
    if share is not None:
        found = canvas[:COLORS] + share * (found - canvas[:COLORS])
    return np.where(hole, found, values)


def _within_reach(coarsest: Level, usable: np.ndarray) -> np.ndarray | None:
    """How much of each pixel is texture, (H, W); None for all of each.

    Farther from what is known than the source is large, texture would only repeat itself.
    """
    height, width = usable.shape
    reach = max(math.sqrt(usable.sum()), 1) * coarsest.hole.shape[1] / width
    share = np.clip(2 - _depth_of(coarsest.hole, coarsest.known) / reach, 0, 1)
    if share[coarsest.hole].min(initial=1) == 1:
        return None
    return enlarged(share[..., None].astype(np.float32), height, width)[..., 0]


def _peel(field: MatchField) -> None:
    """Fill the coarsest level ring by ring, each by what is known of it by then."""
    level = field.level
    depth = _depth_of(level.hole, level.known)
    deepest = depth[np.isfinite(depth)].max(initial=0)
    offsets = level.samples.flat(level.hole.shape[1])
    around = depth.ravel()[field.middles[:, None] + offsets]
    for start in range(0, int(deepest), _RING):
        ring = (around > start) & (around <= start + _RING)
        enough = (around <= start).mean(1) >= _ENOUGH
        which = np.flatnonzero(ring.any(1) & enough)
        if not len(which):
            continue
        weight = np.where(depth <= start, level.weight, np.float32(_EXPECTED) * level.hole)
        before = level.canvas
        field.vote(field.search_all(which, weight), which)
        fresh = (depth > start) & (depth <= start + _RING)
        level.canvas = np.where(fresh[..., None], level.canvas, before)


def _roughness(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """How much values change from pixel to pixel, along and down; (2, H, W).

    On coarser levels it tells a brick wall from a plastered one (Newson et al., Video Inpainting of
    Complex Scenes, 2014).
    """
    gray = values.mean(0)
    rough = np.zeros((2, *gray.shape), np.float32)
    for axis, change in ((1, rough[0]), (0, rough[1])):
        both = np.diff(known.astype(np.int8), axis=axis) == 0
        both &= np.take(known, range(known.shape[axis] - 1), axis)
        steps = np.where(both, np.abs(np.diff(gray, axis=axis)), 0)
        if axis:
            change[:, :-1] = steps
        else:
            change[:-1] = steps
    return rough * np.float32(_ROUGHNESS)


def _pyramid(
    canvas: np.ndarray,
    known: np.ndarray,
    hole: np.ndarray,
    source: np.ndarray,
    usable: np.ndarray,
) -> list[Level]:
    """The levels, the coarsest first, as far as there is any source on them."""
    canvas = np.ascontiguousarray(np.moveaxis(canvas, 0, -1))
    source = np.ascontiguousarray(np.moveaxis(source, 0, -1))
    levels: list[Level] = []
    while min(hole.shape) > 2 * (RADIUS + 2):
        level = Level(canvas, known, hole, source, usable)
        if not level.valid.any():
            break
        levels.append(level)
        if max(hole.shape) <= COARSEST:
            break
        canvas, source = (_halved(each) for each in (canvas, source))
        usable = _halved(usable.astype(np.float32)[..., None])[..., 0] == 1
        hole = _halved(hole.astype(np.float32)[..., None])[..., 0] >= 0.5
        known = (_halved(known.astype(np.float32)[..., None])[..., 0] >= 0.5) & ~hole
        if not hole.any():
            break
    return levels[::-1]


def _halved(values: np.ndarray) -> np.ndarray:
    """Means of blocks of 2 x 2; at an odd end, of what there is."""
    height, width = values.shape[:2]
    values = np.pad(values, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    rows = values[::2] + values[1::2]
    return (rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25)


def _depth_of(hole: np.ndarray, known: np.ndarray) -> np.ndarray:
    """How many steps each pixel of a hole lies from what is known; (H, W) float32."""
    depth = np.where(known, np.float32(0), np.float32(np.inf))
    reached, step = known, 0
    while (hole & ~reached).any():
        step += 1
        wider = near_to(reached, 1)
        if (wider == reached).all():
            break
        depth[wider & ~reached] = step
        reached = wider
    return depth
