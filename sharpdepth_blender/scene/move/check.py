"""Check: the frames of a camera move, one after the other."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import bpy
import numpy as np

from ...geometry import Intrinsics, nearest
from ..camera import camera_intrinsics
from ..camera_at import camera_at
from ..errors import CameraError, SceneError
from ..evaluation import depsgraph_of
from ..isolated_scene import isolated_scene
from ..layers import drawn_masks
from ..probe_scene import ProbeScene
from ..saving import write_png
from .coverage import HOLE, STRETCHED, UNPAINTED, find_faults
from .invented import find_invented
from .layer_view import LayerView, find_layer_views
from .masks import mask_path, write_mask
from .overlay import hidden_masks
from .pictures import draw_coverage
from .render_passes import passes_probe, render_passes, render_surfaces
from .report import Coverage, MoveReport, PaintHere
from .source_view import SourceView, taking_views

# Pixels along the longer side of drawn masks by which it is told whether they move.
_MASKS = 240
# Frames of a move that are looked at where nobody has said how many.
_DOZEN = 12


def move_frames(
    scene: bpy.types.Scene, start: int | None = None, end: int | None = None, step: int = 1
) -> list[int]:
    """The frames of a move to check: from start to end by steps, and the last one.

    Args:
        scene: Its range holds where none is given.
        start: First frame.
        end: Last frame.
        step: Frames from one to the next, at least 1.

    Raises:
        SceneError: The range ends before it starts.
    """
    start = scene.frame_start if start is None else start
    end = scene.frame_end if end is None else end
    if end < start:
        raise SceneError(
            "The frames to check end at {end}, before they start at {start}.", start=start, end=end
        )
    return sorted({*range(start, end + 1, step), end})


def propose_step(start: int, end: int) -> int:
    """A step from one frame to the next by which `move_frames` are about a dozen, or all of fewer.

    Args:
        start: First frame.
        end: Last frame.
    """
    return max(1, round((end - start) / (_DOZEN - 1)))


def check_move(
    scene: bpy.types.Scene,
    frames: Sequence[int],
    *,
    show: Callable[[float, int], None] | None = None,
    **settings: Any,
) -> tuple[MoveReport, np.ndarray]:
    """Check all frames of a camera move.

    Args:
        scene: Has a camera.
        frames: Their numbers, as of `move_frames`.
        show: Called with a fraction in 0..1 and a frame's number before it is checked.
        **settings: Of `FrameChecker`.

    Returns:
        The report, and the (H, W, 3) uint8 picture of the worst frame.

    Raises:
        SceneError: As of `FrameChecker`.
    """
    with FrameChecker(scene, **settings) as checker:
        for number, frame in enumerate(frames):
            if show:
                show(number / len(frames), frame)
            checker.check(frame)
        assert checker.picture is not None  # there is a frame at least
        return checker.report(), checker.picture


class FrameChecker:
    """Checks frames of a camera move one by one; leaves nothing behind.

    It works on copies of the scene, which are removed when the block ends. Frames are rendered by
    Cycles on the CPU. A pixel that shows nothing is a hole, whatever the world is; one whose
    surface belongs to pictures, none of which reaches it, is unpainted; one is invented where a
    layer shows what was filled in, and nobody has painted it since; and one is stretched where a
    pixel of every picture on it is drawn over more than so many pixels of the frame at full size,
    in its worst direction. Where even the largest picture has fewer pixels than the frame, its own
    count in place of the frame's.

    Layers are looked at as they are cut now: where masks are animated, by those of the scene's
    current frame, which the report tells.

    Args:
        scene: Has a camera.
        views: None for those that the scene has.
        camera: Shot camera; None for the scene's, and those that its markers switch to.
        longer: Pixels along the longer side of what is rendered, at most.
        stretch: Above it a picture counts as stretched, above 0.
        resolution: Pixels along the longer side at which what is invented is looked for, at most,
            and no fewer than `longer`. Those of the frame make masks exact to a pixel.
        folder: Folder for a picture of each frame, `coverage.0001.png`, and for the masks of what
            is invented: `NAME paint here.0001.png` for each frame and layer in which there is any,
            `NAME paint here.png` for all of them together; those of an earlier check are replaced.
            None for none.

    Attributes:
        picture: (H, W, 3) uint8 sRGB of the worst frame so far, None before the first.
        masks: For each layer's name (H, W) bool of its own picture: what the frames so far show
            of it that is invented.
    """

    def __init__(
        self,
        scene: bpy.types.Scene,
        *,
        views: Sequence[SourceView] | None = None,
        camera: bpy.types.Object | None = None,
        longer: int = 480,
        stretch: float = 2.0,
        resolution: int = 480,
        folder: str | os.PathLike[str] | None = None,
    ) -> None:
        self.picture: np.ndarray | None = None
        self._scene, self._camera = scene, camera
        self._found: list[Coverage] = []
        self._views = taking_views(scene) if views is None else views
        self._layers, self._unknown = find_layer_views(self._views)
        self.masks = {each.obj.name: np.zeros_like(each.invented) for each in self._layers}
        self._longer, self._stretch, self._resolution = longer, stretch, resolution
        self._folder = None if folder is None else Path(folder)
        rigs = dict.fromkeys(each.obj.parent for each in self._layers if each.obj.parent)
        self._drawn = {rig: drawn_masks(rig, scene, _MASKS) for rig in rigs}
        self._moving: set[str] = set()
        self._size = (0, 0)
        self._fine_size: tuple[int, int] | None = None
        self._first: str | None = None
        self._solid: ProbeScene | None = None
        self._fine: ProbeScene | None = None

    def __enter__(self) -> Self:
        objects = [each.obj for each in self._views]
        with ExitStack() as stack:
            stack.enter_context(hidden_masks(self._scene))
            self._watched = stack.enter_context(isolated_scene(self._scene, objects))
            self._probe = stack.enter_context(passes_probe(self._scene))
            if any(each.depth is not None for each in self._views):
                self._solid = stack.enter_context(passes_probe(self._scene, solid=True))
            render = self._scene.render
            most = min(self._resolution, max(render.resolution_x, render.resolution_y))
            if most > self._longer and self._layers:
                self._fine = stack.enter_context(passes_probe(self._scene, light=False))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def check(self, frame: int) -> Coverage:
        """Check a frame, one after the other in their order.

        Args:
            frame: Its number.

        Returns:
            Its Coverage.

        Raises:
            CameraError: There is no camera, or the frame's is no perspective one.
            SaveError: A picture cannot be written.
            SceneError: The frame cannot be rendered.
        """
        light, faults, invented = self._check(frame)
        hole, unpainted, stretched = (
            float((faults == kind).mean()) for kind in (HOLE, UNPAINTED, STRETCHED)
        )
        coverage = Coverage(frame, hole, unpainted, stretched, invented)
        picture = draw_coverage(light, faults)
        if self._folder is not None:
            write_png(self._folder / f"coverage.{frame:04d}.png", picture)
        self._found.append(coverage)
        if self.report().worst is coverage:
            self.picture = picture
        return coverage

    @property
    def layers(self) -> list[LayerView]:
        """The layers of the scene."""
        return self._layers

    def report(self) -> MoveReport:
        """The MoveReport of the frames that are checked, at least one."""
        assert self._first is not None
        layers = tuple(
            PaintHere(name, int(mask.sum()), float(mask.mean()))
            for name, mask in self.masks.items()
        )
        return MoveReport(
            self._first,
            self._size,
            self._stretch,
            len(self._views),
            tuple(self._found),
            layers,
            tuple(self._unknown),
            self._fine_size,
            tuple(sorted(self._moving)),
            self._scene.frame_current,
        )

    def _check(self, frame: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Light of a frame, the faults of its pixels, and the share of it that is invented."""
        watched, camera = self._watched, self._camera_at(frame)
        self._first = self._first or camera.name
        if watched.camera != camera:  # which would have everything built again
            watched.camera = camera
        watched.frame_set(frame)
        depsgraph = depsgraph_of(watched)
        for rig, before in self._drawn.items():
            now = drawn_masks(rig, watched, _MASKS) if before else []
            if not all(map(np.array_equal, now, before)):
                self._moving.add(rig.name)
        camera = camera.evaluated_get(depsgraph)
        full = camera_intrinsics(self._scene, camera, percentage=100)
        small = _at_most(full, self._longer)
        self._size = (small.width, small.height)
        matrix = camera.matrix_world.normalized()
        place = (matrix, (camera.data.clip_start, camera.data.clip_end))
        views = [each.at(depsgraph) for each in self._views]
        shown = render_passes(self._probe, frame, small, *place)
        solid = render_passes(self._solid, frame, small, *place) if self._solid else None
        lens = _at_most(full, self._resolution) if self._fine else small
        self._fine_size = (lens.width, lens.height) if self._fine else None
        surfaces = render_surfaces(self._fine, frame, lens, *place) if self._fine else shown
        invented, masks = find_invented(
            surfaces, lens, np.array(matrix), self._layers, views, depsgraph
        )
        self._keep(masks, frame)
        limit = self._stretch * self._coarseness(full)
        faults = find_faults(
            shown, solid, full, small, np.array(matrix), views, limit,
            nearest(invented, small.width, small.height),
        )  # fmt: skip
        return shown.light, faults, float(invented.mean())

    def _keep(self, masks: Sequence[np.ndarray], frame: int) -> None:
        """Add what a frame shows of the layers to what the others show."""
        for layer, mask in zip(self._layers, masks, strict=True):
            name = layer.obj.name
            self.masks[name] |= mask
            if self._folder is None:
                continue
            is_first = not self._found
            for whole, number in ((mask, frame), (self.masks[name], None)):
                # Those of a check before may ask for what has been painted since.
                may_be_old = number is not None or is_first
                if mask.any() or may_be_old and mask_path(self._folder, name, number).exists():
                    write_mask(self._folder, name, whole, number)

    def _coarseness(self, full: Intrinsics) -> float:
        """How many times as many pixels along a side the frame has as the largest picture."""
        sides = [max(each.intrinsics.width, each.intrinsics.height) for each in self._views]
        return max(1.0, max(full.width, full.height) / max(sides)) if sides else 1.0

    def _camera_at(self, frame: int) -> bpy.types.Object:
        camera = self._camera or camera_at(self._scene, frame)
        if camera is None:
            raise CameraError("The scene {scene} has no camera to check.", scene=self._scene.name)
        return camera


def _at_most(full: Intrinsics, longer: int) -> Intrinsics:
    """Intrinsics with so many pixels along the longer side at most."""
    share = min(1.0, longer / max(full.width, full.height))
    return full.resized(*(max(1, round(side * share)) for side in (full.width, full.height)))
