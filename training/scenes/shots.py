"""Shots: which camera sees the scene at which frames, and which split gets which of them."""

import sys
from dataclasses import dataclass, replace

import bpy

from sharpdepth_blender.scene import CameraError, camera_intrinsics

from .errors import NoCameraError, TooFewFramesError


@dataclass(frozen=True)
class Shot:
    """A camera object and the frames, `first` to `last` with both, that it sees."""

    camera: bpy.types.Object
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


def find_shots(scene) -> list[Shot]:
    """Return the shots of a scene's frame range, in their order.

    Markers that are bound to cameras cut the range as they do in Blender: a camera stays until the
    next marker, the first one's counts before it too, and cameras hidden in renders do not count.
    Without such markers the active camera's range is one shot, and without an active camera every
    camera of the scene has one. Shots of cameras that are not perspective ones are left out, and
    a line says so.

    Raises:
        NoCameraError: no shot remains.
    """
    usable, left_out = [], {}
    for shot in _marked(scene) or _whole_range(scene):
        try:
            camera_intrinsics(scene, shot.camera)
            usable.append(shot)
        except CameraError as error:
            left_out[str(error)] = None  # once a camera
    if not usable:
        why = left_out or ["Add a camera, or make one the scene's."]
        raise NoCameraError(f"the scene {scene.name} has no shot to render: {' '.join(why)}")
    for sentence in left_out:
        print(f"shots are left out: {sentence}", file=sys.stderr, flush=True)
    return usable


def share_out(shots: list[Shot], counts: dict[str, int]) -> dict[str, list[Shot]]:
    """Share shots among the splits that want any frames; none gets what another has.

    Every split gets a contiguous stretch of the shots, in the order of `counts`, about as long as
    its count is large. With fewer shots than splits the stretches are cut within shots, between
    two frames.

    Args:
        shots: In the order of the timeline.
        counts: Wanted frames of each split.

    Returns:
        The shots, or parts of shots, of each split whose count is not 0.

    Raises:
        TooFewFramesError: there are fewer frames than such splits.
    """
    wanted = {split: count for split, count in counts.items() if count}
    if len(shots) < len(wanted):
        frames = range(sum(map(len, shots)))
        if len(frames) < len(wanted):
            raise TooFewFramesError(
                f"the shots have {len(frames)} frames in all, too few for {len(wanted)} splits "
                "that share none: lengthen the frame range, or set the counts of some splits to 0"
            )
        stretches = _stretches(frames, wanted)
        return {split: _part(shots, stretch) for split, stretch in stretches.items()}
    return _stretches(shots, wanted)


def _marked(scene):
    """Shots between the markers that are bound to cameras, of several at one frame the first."""
    cameras = {}
    for marker in scene.timeline_markers:
        if marker.camera and not marker.camera.hide_render:
            cameras.setdefault(marker.frame, marker.camera)
    cuts = sorted(cameras)
    starts = [scene.frame_start, *cuts[1:]]
    ends = [*(cut - 1 for cut in cuts[1:]), scene.frame_end]
    shots = []
    for cut, start, end in zip(cuts, starts, ends, strict=False):
        first, last = max(start, scene.frame_start), min(end, scene.frame_end)
        if first <= last:
            shots.append(Shot(cameras[cut], first, last))
    return shots


def _whole_range(scene):
    cameras = [scene.camera] if scene.camera else [o for o in scene.objects if o.type == "CAMERA"]
    return [Shot(camera, scene.frame_start, scene.frame_end) for camera in cameras]


def _stretches(items, wanted):
    """Cut a sequence into one stretch a split: one item each, and the rest where it is due most."""
    sizes = dict.fromkeys(wanted, 1)
    for _ in range(len(items) - len(wanted)):
        sizes[max(wanted, key=lambda split: wanted[split] / sizes[split])] += 1
    stretches, start = {}, 0
    for split, size in sizes.items():
        stretches[split] = items[start : start + size]
        start += size
    return stretches


def _part(shots, stretch):
    """The parts of shots whose frames, counted through all shots, lie in a range."""
    parts, start = [], 0
    for shot in shots:
        first = max(stretch.start - start, 0)
        last = min(stretch.stop - start, len(shot)) - 1
        if first <= last:
            parts.append(replace(shot, first=shot.first + first, last=shot.first + last))
        start += len(shot)
    return parts
