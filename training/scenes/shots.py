"""Shots, as cameras with frame ranges, and their assignment to splits."""

import sys
from dataclasses import dataclass, replace

import bpy

from sharpdepth_blender.scene import CameraError, camera_intrinsics

from .errors import NoCameraError, TooFewFramesError


@dataclass(frozen=True)
class Shot:
    """A camera object and its frame range, `first` to `last` inclusive."""

    camera: bpy.types.Object
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


def find_shots(scene) -> list[Shot]:
    """Return the shots in a scene's frame range, in order.

    Markers bound to cameras cut the range as they do in Blender: a camera is active until the next
    marker, the first camera also before its marker, and cameras hidden in renders are ignored.
    Without such markers, the whole range is one shot of the active camera, or, without an active
    camera, one shot of every camera in the scene. Cameras that are not perspective are skipped with
    a printed warning.

    Raises:
        NoCameraError: no shot remains.
    """
    usable, left_out = [], {}
    for shot in _marked(scene) or _whole_range(scene):
        try:
            camera_intrinsics(scene, shot.camera)
            usable.append(shot)
        except CameraError as error:
            left_out[str(error)] = None  # once per camera
    if not usable:
        why = left_out or ["Add a camera, or set the scene's active camera."]
        raise NoCameraError(f"the scene {scene.name} has no shot to render: {' '.join(why)}")
    for sentence in left_out:
        print(f"skipping shots: {sentence}", file=sys.stderr, flush=True)
    return usable


def share_out(shots: list[Shot], counts: dict[str, int]) -> dict[str, list[Shot]]:
    """Distribute shots among the splits without overlap.

    Every split gets a contiguous run of shots, in the order of `counts`, roughly in proportion to
    its count. If there are fewer shots than splits, shots are cut between two frames.

    Args:
        shots: Shots in timeline order.
        counts: Number of frames wanted for each split; 0 for none.

    Returns:
        Shots, or parts of shots, for each split with a nonzero count.

    Raises:
        TooFewFramesError: there are fewer frames than such splits.
    """
    wanted = {split: count for split, count in counts.items() if count}
    if len(shots) < len(wanted):
        frames = range(sum(map(len, shots)))
        if len(frames) < len(wanted):
            raise TooFewFramesError(
                f"the shots have {len(frames)} frames in total, too few for {len(wanted)} separate "
                "splits: extend the frame range, or set the counts of some splits to 0"
            )
        stretches = _stretches(frames, wanted)
        return {split: _part(shots, stretch) for split, stretch in stretches.items()}
    return _stretches(shots, wanted)


def _marked(scene):
    """Return the shots between camera markers; of several at one frame, the first counts."""
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
    """Cut a sequence into one run per split: one item each, the rest in proportion."""
    sizes = dict.fromkeys(wanted, 1)
    for _ in range(len(items) - len(wanted)):
        sizes[max(wanted, key=lambda split: wanted[split] / sizes[split])] += 1
    stretches, start = {}, 0
    for split, size in sizes.items():
        stretches[split] = items[start : start + size]
        start += size
    return stretches


def _part(shots, stretch):
    """Return the parts of shots in a range of frames, numbered through all shots."""
    parts, start = [], 0
    for shot in shots:
        first = max(stretch.start - start, 0)
        last = min(stretch.stop - start, len(shot)) - 1
        if first <= last:
            parts.append(replace(shot, first=shot.first + first, last=shot.first + last))
        start += len(shot)
    return parts
