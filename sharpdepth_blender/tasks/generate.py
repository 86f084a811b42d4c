"""Generate: one picture on its way to a live result in the scene."""

import bpy
import numpy as np

from ..geometry import Intrinsics, thin
from ..process import Engine, JobError
from ..process.job import DepthResult, Job
from ..scene import SceneError, add_depth_result, remove_result, replace_depth
from ..scene.live import find_modifier, surface_group
from ..scene.shot import Shot
from .results import note_result
from .task import SceneTask

# Pixels along the longer side of what is shown while the sharpener works. More, and making it
# would be felt.
_PREVIEW = 384
# Session uids of objects that show the metric depth alone, until the sharpened one comes. Undo may
# bring one back whose generation is over.
_previews: set[int] = set()


class Generation(SceneTask):
    """One picture on its way to a live result; `step` it until it is `over`.

    Between two steps the user may change anything, so that datablocks are kept by their session
    uid and looked for again.

    Args:
        engine: That computes.
        scene: That gets the result.
        shot: The picture.
        model: Preset name, or a model folder as a path.
        estimator: Name of the weights of another metric depth model than the preset's own.
        metric_depth: (H, W) float32 meters of the picture, holes 0, to sharpen in place of an
            estimate.
        metric_points: (N, 3) u, v in pixels of the picture and meters, with which the estimate is
            to agree.
        device: As of `Engine.infer`.
        detail: Likewise.
        output: `Mesh` or `Points`.
    """

    def __init__(
        self,
        engine: Engine,
        scene: bpy.types.Scene,
        shot: Shot,
        *,
        model: str,
        estimator: str | None = None,
        metric_depth: np.ndarray | None = None,
        metric_points: np.ndarray | None = None,
        device: str = "auto",
        detail: str = "edges",
        output: str = "Mesh",
    ):
        super().__init__(shot.name)
        self._engine = engine
        self._shot = shot
        self._model, self._estimator, self._device = model, estimator, device
        self._metric_depth, self._metric_points = metric_depth, metric_points
        self._detail = detail
        self._output = output
        self._scene = scene.session_uid
        self._texture = shot.texture.session_uid if shot.texture else None
        self._reading: Job | None = None
        self._job: Job | None = None
        surface_group()  # now, for a later step is to take a few milliseconds
        if shot.intrinsics is None and shot.path:
            self._reading = engine.read_picture(shot.path)  # for its EXIF data
        else:
            self._infer()

    def _go_on(self):
        if self._reading:
            self._take_in_picture()
        elif not self.over:
            self._take_in_depth()

    def cancel(self) -> None:
        """Stop here and leave the file as it was; the engine may take a moment longer to stop."""
        for job in (self._reading, self._job):
            if job:
                job.cancel()
        self._end()

    def after_undo(self) -> None:
        """Forget a preview that was undone: what comes of it is made anew."""
        if self.result is not None and _find(bpy.data.objects, self.result) is None:
            self.result = None

    def _infer(self):
        shot = self._shot
        known = shot.intrinsics
        self._job = self._engine.infer(
            shot.rgb,
            intrinsics=known and (known.fx, known.fy, known.cx, known.cy),
            metric_depth=self._metric_depth,
            metric_points=self._metric_points,
            model=self._model,
            estimator=self._estimator,
            device=self._device,
            detail=self._detail,
        )

    def _take_in_picture(self):
        for event in self._reading.poll():
            self.message = event.message
        if not self._reading.done:
            return
        job, self._reading = self._reading, None
        try:
            focal = job.wait().focal_35mm
        except JobError as error:
            if error.kind != "bad_image":
                raise
            focal = None  # Blender reads formats that the engine does not, and those have no EXIF
        if focal:
            self._shot = self._shot.with_focal_35mm(focal)
        self._infer()

    def _take_in_depth(self):
        # Before the events: what is said after the last of them is the result alone.
        done = self._job.done
        for event in self._job.poll():
            self.message = event.message
            self._tell(event.fraction)
            if event.metric_depth is not None and not done:
                self._show_preview(event.metric_depth, event.intrinsics)
        if done:
            self._hand_over(self._job.wait())

    def _show_preview(self, depth, found):
        intrinsics = self._intrinsics(found)
        depth, smaller = thin(depth, intrinsics, _PREVIEW)
        picture = self._find_texture()
        if picture is None:
            picture, _ = thin(self._shot.rgb, intrinsics, _PREVIEW)
        obj = self._add(picture, depth, depth, smaller)
        self.result = obj.session_uid
        _previews.add(self.result)

    def _hand_over(self, result: DepthResult):
        intrinsics = self._intrinsics(result.intrinsics)
        picture = self._find_texture() or self._shot.rgb
        maps = picture, result.depth, result.metric_depth, intrinsics
        if self.result is None:
            obj = self._add(*maps)
        else:
            obj = _find(bpy.data.objects, self.result)
            if obj is None:
                raise SceneError(
                    "{name} was not sharpened because its preview mesh was deleted.",
                    name=self.name,
                )
            if find_modifier(obj) is None:
                self.result = None  # it is the user's own by now
                raise SceneError(
                    "{name} is no live result any more, so it was not sharpened.", name=obj.name
                )
            replace_depth(obj, *maps)
            _previews.discard(self.result)
        note_result(obj, result, self._shot.notes)
        self.result, self.over = obj.session_uid, True

    def _add(self, picture, depth, metric_depth, intrinsics):
        scene = _find(bpy.data.scenes, self._scene)
        if scene is None:
            raise SceneError(
                "The scene that {name} was meant for has been deleted.", name=self.name
            )
        return add_depth_result(
            scene,
            picture,
            depth,
            metric_depth,
            intrinsics,
            name=self.name,
            matrix=self._shot.matrix,
            output=self._output,
        )

    def _intrinsics(self, found) -> Intrinsics:
        return self._shot.intrinsics or self._shot.seen_with(found)

    def _find_texture(self):
        return None if self._texture is None else _find(bpy.data.images, self._texture)

    def _end(self):
        super()._end()
        if self.result is not None:
            obj = _find(bpy.data.objects, self.result)
            self.result = None
            if obj:
                remove_result(obj)


def is_preview(obj: bpy.types.Object) -> bool:
    """Whether an object still waits for its sharpened depth."""
    return obj.session_uid in _previews


def remove_previews(running: list[Generation]) -> None:
    """Remove what shows metric depth for a generation that is over, as undo may bring it back."""
    over = _previews - {generation.result for generation in running}
    for obj in [obj for obj in bpy.data.objects if obj.session_uid in over]:
        remove_result(obj)


def _find(datablocks, uid: int):
    return next((each for each in datablocks if each.session_uid == uid), None)
