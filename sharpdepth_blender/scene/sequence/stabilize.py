"""Assembly: from what the engine said of each frame to depth that is steady over time."""

import hashlib
import itertools
import json
from collections import OrderedDict
from collections.abc import Generator, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from ...geometry.sky import beginning_behind, with_sky
from ...geometry.temporal import (
    Fit,
    Relation,
    View,
    blend,
    find_breaks,
    find_jumps,
    relate,
    solve_fits,
)
from ..exr import write_depth_exr
from .errors import SequenceError
from .sequence_folder import RawFrame, SequenceFolder

_METHOD = 2  # rises when the same frames come out otherwise
_MAPS = ("depth", "metric")


def stabilize(
    store: SequenceFolder, numbers: Sequence[int], window: int
) -> Generator[tuple[float, str], None, dict[str, Any]]:
    """Make depth steady over time, frame by frame; finished frames are skipped.

    It looks at all frames of the range and at nothing else, so that it does not matter who made
    them, in what order, or how often it was begun. A generator: each step is one frame's work.

    Where a frame has sky or a hole, nothing is compared or mixed. In the whole shot the sky has one
    depth, behind everything else in any frame.

    Args:
        store: With every frame finished.
        numbers: Frames, ascending.
        window: Frames on either side that are mixed; 0 writes each as the engine said it.

    Yields:
        (fraction in 0..1, sentence for a person).

    Returns:
        What `shot.json` holds.

    Raises:
        SequenceError: A frame is missing, or has another size.
        SaveError: A file cannot be written.
    """
    cache = _Cache(store, 2 * window + 2)
    has_sky, has_normals, farthest = False, [], []
    relations, digest = [], hashlib.sha256(json.dumps([_METHOD, window, numbers]).encode())
    frames, before = [], None
    for index, number in enumerate(numbers):
        yield 0.3 * index / len(numbers), f"Comparing frame {number}"
        now = cache.get(number)
        _add(digest, now)
        frames.append(_describe(number, now))
        has_sky |= now.sky is not None
        has_normals.append(now.has_normals)
        farthest.append(np.array([now.depth.max(), now.metric_depth.max()]))
        if before is not None:
            if now.depth.shape != before.depth.shape:
                raise SequenceError("Frame {number} has another size.", number=number)
            looks = _look(before, before.depth), _look(now, now.depth)
            relations.append(relate(*looks, (before.brightness, now.brightness)))
        before = now
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    # Of what lies too far apart to be mixed nothing says whether it is one shot.
    gaps = [index for index, step in enumerate(steps, 1) if step > max(window, 1)]
    cuts = [index for index in find_breaks(relations) if index not in gaps]
    breaks = sorted([*cuts, *gaps])
    jumps = find_jumps(relations, breaks, steps)
    fits = solve_fits(relations, breaks, window, steps)
    most = max(float(fit.apply(each).max()) for fit, each in zip(fits, farthest, strict=True))
    begins = beginning_behind(most) if has_sky else 0.0

    _forget_others(store, numbers, digest.hexdigest())
    shape = before.depth.shape
    for index, number in enumerate(numbers):
        yield 0.3 + 0.7 * index / len(numbers), f"Steadying frame {number}"
        if not store.has_depth(number, shape):
            maps = _steady(cache, numbers, index, fits, relations, breaks, window)
            above = cache.get(number).sky
            if has_sky:  # which no mixing brings anything beyond
                maps = [np.minimum(each, np.float32(begins)) for each in maps]
            if above is not None:
                maps = [with_sky(each, above, begins) for each in maps]
            for kind, depth in zip(_MAPS, maps, strict=True):
                write_depth_exr(store.path(kind, number), depth)
    for frame, fit in zip(frames, fits, strict=True):
        frame |= asdict(fit)
    ignored = [index + 1 for index, each in enumerate(relations) if each.turning_only]
    shot = {
        "window": window,
        "pixel_aspect": before.pixel_aspect,
        "model": before.model,
        "device": before.device,
        "sky": begins,
        "normals": any(has_normals),
        "file_offset": store.offset,
        "cuts": [numbers[index] for index in cuts],
        "jumps": [{"frame": numbers[index], "ratio": ratio} for index, ratio in jumps],
        "camera_ignored": [numbers[index] for index in ignored if index not in breaks],
        "held": [{"frame": number, "shows": shows} for number, shows in held_frames(numbers)],
        "frames": frames,
    }
    kinds = ["depth", "metric", "picture"]
    if any(has_normals):
        kinds.append("normals")
        for number, has in zip(numbers, has_normals, strict=True):
            if not has:
                store.write_normals(number, np.zeros((*shape, 3), np.float32))
    for number, shows in held_frames(numbers):
        store.hold(number, shows, kinds)
    if store.read_json("shot.json") != shot:
        store.write_json("shot.json", shot)
    store.tidy()
    return shot


def held_frames(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """The frames between others that have no depth, each with the nearest one that has.

    Args:
        numbers: Frames with depth, ascending.

    Returns:
        (frame, frame that it shows) in order; of two as near it is the earlier.
    """
    return [
        (number, first if number - first <= last - number else last)
        for first, last in itertools.pairwise(numbers)
        for number in range(first + 1, last)
    ]


class _Cache:
    """Raw frames whose sky has no depth, the last few of which are kept."""

    def __init__(self, store: SequenceFolder, most: int) -> None:
        self._store, self._most = store, most
        self._kept: OrderedDict[int, RawFrame] = OrderedDict()

    def get(self, number: int) -> RawFrame:
        if number not in self._kept:
            raw = self._store.read_raw(number)
            if raw is None:
                raise SequenceError(
                    "Frame {number} in {folder} is gone or broken: generate the sequence again.",
                    number=number,
                    folder=self._store.folder,
                )
            if raw.sky is not None:
                raw = replace(
                    raw,
                    depth=np.where(raw.sky, np.float32(0), raw.depth),
                    metric_depth=np.where(raw.sky, np.float32(0), raw.metric_depth),
                )
            self._kept[number] = raw
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return self._kept[number]


def _look(raw: RawFrame, depth: np.ndarray) -> View:
    return View(depth, raw.intrinsics, raw.matrix)


def _add(digest: "hashlib._Hash", raw: RawFrame) -> None:
    """Put everything that a frame's outcome depends on into a digest."""
    for each in (raw.depth, raw.metric_depth, raw.brightness, raw.sky):
        if each is not None:
            digest.update(np.ascontiguousarray(each).tobytes())
    known = [asdict(raw.intrinsics), None if raw.matrix is None else raw.matrix.tolist()]
    digest.update(json.dumps(known).encode())


def _forget_others(store: SequenceFolder, numbers: Sequence[int], made_by: str) -> None:
    """Remove steady frames that were made from other frames, or otherwise."""
    if store.read_json("raw/steady.json") == made_by:
        return
    for number in numbers:
        for kind in _MAPS:
            store.remove(kind, number)
    store.write_json("raw/steady.json", made_by)


def _steady(
    cache: _Cache,
    numbers: Sequence[int],
    index: int,
    fits: Sequence[Fit],
    relations: Sequence[Relation],
    breaks: Sequence[int],
    window: int,
) -> list[np.ndarray]:
    """Both maps of a frame, mixed with the frames around it in the same shot."""
    raw = cache.get(numbers[index])
    maps = [fits[index].apply(each) for each in (raw.depth, raw.metric_depth)]
    others = []
    for near in range(max(0, index - window), min(len(numbers), index + window + 1)):
        first, last = sorted((near, index))
        distance = abs(numbers[near] - numbers[index])
        if near == index or distance > window or any(first < each <= last for each in breaks):
            continue
        other = cache.get(numbers[near])
        theirs = [fits[near].apply(each) for each in (other.depth, other.metric_depth)]
        turning_only = any(each.turning_only for each in relations[first:last])
        others.append((_look(other, theirs[0]), theirs, distance / window, turning_only))
    return blend(_look(raw, maps[0]), maps, others)


def _describe(number: int, raw: RawFrame) -> dict[str, Any]:
    """A frame in the words of `shot.json`, but for its fit."""
    return {
        "frame": number,
        "intrinsics": asdict(raw.intrinsics),
        "matrix": None if raw.matrix is None else raw.matrix.tolist(),
        "notes": list(raw.notes),
    }
