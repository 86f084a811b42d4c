"""Check move: which frames show holes, missing paint, invented pixels or stretched pictures."""

from contextlib import ExitStack

import bpy
from bpy.app.translations import pgettext_rpt

from ..scene import SaveError, SceneError
from ..scene.move import FrameChecker, keep_masks, keep_report, kept_lines, move_frames
from . import move_watch
from .task import Task


class MoveCheck(Task):
    """Frames of a camera move, one a step; what comes of them is kept in the file.

    Nothing may change meanwhile: who follows it lets everything else wait. Why it cannot begin is
    the `error`. Cancelled, it leaves no report.

    Args:
        scene: With a camera.
        start: First frame; None for the scene's.
        end: Last frame; likewise.
        step: Frames from one to the next; the last one is checked as well.
        **settings: Of `FrameChecker`.

    Attributes:
        frame: Number of the frame that the next step checks.
    """

    kind = "move"

    def __init__(
        self,
        scene: bpy.types.Scene,
        start: int | None = None,
        end: int | None = None,
        step: int = 1,
        **settings,
    ):
        super().__init__(scene.name)
        self._scene = scene
        self._stack = ExitStack()
        try:
            self._frames = move_frames(scene, start, end, step)
            self._checker = self._stack.enter_context(FrameChecker(scene, **settings))
        except SceneError as error:
            self._fail(error, str(error))
            return
        self._rest = list(self._frames)
        self._aim()

    @property
    def waiting(self) -> bool:
        """Never: each step does some of the work."""
        return False

    def _go_on(self):
        try:
            self._checker.check(self._rest.pop(0))
        except ReferenceError as error:
            raise SceneError(
                "The check of {name} was stopped: its scene or a camera was deleted.",
                name=self.name,
            ) from error
        self.fraction = 1 - len(self._rest) / len(self._frames)
        if self._rest:
            self._aim()
            return
        report, picture = self._checker.report(), self._checker.picture
        layers, masks = self._checker.layers, self._checker.masks
        told = []
        try:
            keep_masks(layers, masks)
        except SaveError as error:  # what was found out is kept nevertheless
            told.append(str(error))
        self._end()
        keep_report(report, picture, self._scene)
        move_watch.look()
        if told or any(report.above(kind) for kind in ("missing", "stretched")):
            self.level = "WARNING"
        self.outcome = "\n".join([*told, *kept_lines()])

    def _aim(self):
        self.frame = self._rest[0]
        self.message = pgettext_rpt("Checking frame {frame}").format(frame=self.frame)

    def _end(self):
        super()._end()
        self._stack.close()
