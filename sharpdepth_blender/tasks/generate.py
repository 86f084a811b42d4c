"""Generate: one picture on its way to a live result in the scene."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

import bpy
import numpy as np
from bpy.app.translations import pgettext_rpt

from ..geometry import Intrinsics, find_floor, thin
from ..geometry.panorama import panorama_lens
from ..geometry.sampling import nearest, sample_counts
from ..process import Engine, JobError
from ..process.job import DepthResult, Job
from ..scene import (
    DepthFileError,
    SceneError,
    add_depth_result,
    remove_result,
    replace_depth,
)
from ..scene.aside import Aside
from ..scene.camera import render_size, restore_render_size, set_render_size
from ..scene.enclosing import enclosing_objects
from ..scene.floor import leveled_pose
from ..scene.guessed_lens import keep_guess
from ..scene.live import find_modifier, surface_in_parts
from ..scene.opened_images import remove_opened
from ..scene.plate_collection import collection_of
from ..scene.result import UPRIGHT, is_untouched, make_next_image, renew_result
from ..scene.result_marks import is_panoramic
from ..scene.shot import Shot
from ..scene.sky import show_sky
from ..scene.stored_depth import StoredDepth
from ..scene.taken import CAMERA, keep_taken
from ..scene.target_result import results_taken
from ..scene.uids import find_by_uid
from ..scene.units import meters_per_unit
from .asked_output import follow_output, keep_output
from .lens_choice import choose_lens
from .lens_notes import Lens, lens_notes
from .measured_files import DepthFile, PointsFile
from .outcome import told_kept, told_renewed
from .panorama import PanoramaDepth
from .prepared import Prepared, prepare
from .previews import is_preview, mark_preview, unmark_preview
from .results import note_result
from .task import SceneTask

# Pixels along the longer side of what is shown while the sharpener works. More, and making it
# would be felt.
_PREVIEW = 384
_PREVIEW_AROUND = 2 * _PREVIEW  # which spans the angles of several other pictures
# More pixels of depth are prepared in another thread, as it would be felt.
_FELT = 2**20
_EMBEDDED = (
    "{name} holds depth that its camera measured: choose the file itself as Depth Map to sharpen "
    "that."
)


class Generation(SceneTask):
    """One picture on its way to a live result; `step` it until it is `over`.

    A live result of the same picture and camera gets the new depth, and keeps all else. It stays as
    it is until then; where there is none, the metric depth is shown first. What was baked or edited
    is left alone, and there is another result beside it.

    Between two steps the user may change anything, so that datablocks are kept by their session
    uid and looked for again.

    Args:
        engine: That computes.
        scene: That gets the result. One without objects renders the picture's size from then on.
        shot: The picture.
        fov: Field of view across the picture's longer side, degrees, 360 of a panorama; None for
            what the shot, its file's EXIF data or else the model says.
        intrinsics: (fx, fy, cx, cy) in pixels of the picture as it is seen, likewise.
        metric_depth: (H, W) float32 meters of the picture, holes 0, or its file, to sharpen in
            place of an estimate.
        metric_points: (N, 3) u, v in pixels of the picture and meters, or their file, with which
            the estimate is to agree.
        output: `Mesh` or `Points`. A result that is kept has it from its own settings, unless this
            differs from what was asked before.
        keep_both: Whether to leave results of the same picture and camera, and add another one.
        opened: Session uids of images that were opened for this, and go where nothing comes of it.
        on_finish: Called with the object, the shot and what the engine answered, when all is done.
        **options: How the engine is to work, as of `InferRequest`: model, estimator, device,
            precision, resolution, detail, seed.
    """

    def __init__(
        self,
        engine: Engine,
        scene: bpy.types.Scene,
        shot: Shot,
        *,
        fov: float | None = None,
        intrinsics: Sequence[float] | None = None,
        metric_depth: np.ndarray | DepthFile | None = None,
        metric_points: np.ndarray | PointsFile | None = None,
        output: str = "Mesh",
        keep_both: bool = False,
        opened: Sequence[int] = (),
        on_finish: Callable[[bpy.types.Object, Shot, DepthResult], None] | None = None,
        **options,
    ):
        super().__init__(shot.name)
        self._engine = engine
        self._shot = shot
        self._fov, self._known = fov, intrinsics
        self._metric_depth, self._metric_points = metric_depth, metric_points
        self._options = options
        self._output, self._keep_both = output, keep_both
        self._opened, self._on_finish = opened, on_finish
        self._scene = scene.session_uid
        self._texture = shot.texture.session_uid if shot.texture else None
        self._reading: Job | None = None
        self._job: Job | None = None
        self._preparation: Aside[Prepared] | None = None
        self._panorama: PanoramaDepth | None = None
        self._joining: Aside[DepthResult] | None = None
        self._joining_early: Aside[np.ndarray] | None = None
        self._stored: StoredDepth | None = None  # with the images made so far
        self._measured: np.ndarray | None = None
        self._fitting: Aside[np.ndarray] | None = None
        self._former_size: dict | None = None
        self._parts = surface_in_parts()  # early, for a later step is to take a few milliseconds
        self._focal: float | None = None  # for film, from the file
        self._says_around = False  # likewise
        self._lens: Lens = "model"
        self._depth_reading: Job | None = None
        self._depth_values: np.ndarray | None = None  # of a picture that holds depth
        if isinstance(metric_depth, DepthFile) and metric_depth.is_picture:
            self._depth_reading = engine.read_picture(metric_depth.path, shown=True)
        if shot.path:
            self._reading = engine.read_picture(shot.path, shown=shot.rgb is not None)
        elif not (shot.display or self._depth_reading):
            self._infer()

    @property
    def waiting(self) -> bool:
        """Whether it waits for another process or thread, and not for its own next step."""
        return self._shot.display is None

    def _go_on(self):
        next(self._parts, None)
        if self._reading:
            self._take_in_picture()
        elif self._shot.display or self._depth_reading:
            self._display_or_infer()
        elif self._panorama:
            self._take_in_views(self._panorama)
        elif self._fitting:
            self._take_in_measured()
        elif not self.over and not self._preparation:
            self._take_in_depth()
        if self._preparation and self._preparation.done and not self.over:
            self._take_in_prepared(self._preparation.answer())

    def cancel(self) -> None:
        """Stop here and leave the file as it was; the engine may take a moment longer to stop."""
        for job in (self._reading, self._depth_reading, self._job):
            if job:
                job.cancel()
        self._end()

    def after_undo(self) -> None:
        """Forget a preview that was undone: what comes of it is made anew."""
        if self.result is not None and find_by_uid(bpy.data.objects, self.result) is None:
            self.result = None

    def _take_in_picture(self):
        for event in self._reading.poll():
            self.message = event.message
        if not self._reading.done:
            return
        job, self._reading = self._reading, None
        try:
            read = job.wait()
        except JobError as error:
            if error.kind != "unknown_format":
                raise
            if self._shot.rgb is None:
                raise JobError("bad_image", error.message, error.log) from error
            # Blender reads formats that the engine does not, and those have no EXIF data.
        else:
            self._focal, self._says_around = read.focal_35mm, read.around
            self._shot = self._with_read(read)
        self._display_or_infer()

    def _display_or_infer(self):
        """Read a large image a step further, and infer once it is there."""
        display = self._shot.display
        if display:
            self.message = "Reading the picture"
            if not display.step():
                return
            notes = [pgettext_rpt(each) for each in display.notes]
            self._shot = replace(self._shot, display=None).noting(notes)
        if self._depth_reading:
            if not self._depth_reading.done:
                return
            job, self._depth_reading = self._depth_reading, None
            self._depth_values = job.wait().depth
            if self._depth_values is None:
                raise DepthFileError(
                    "{path} holds no depth that says how far it is.", path=self._metric_depth.path
                )
        self._infer()

    def _with_read(self, read):
        """The shot with what the engine has read in its file."""
        shot = self._shot
        if read.depth is not None and self._metric_depth is None:
            shot = shot.noting([pgettext_rpt(_EMBEDDED).format(name=os.path.basename(shot.path))])
        if read.rgb is None:
            return shot.noting(read.notes)
        if read.turned and (shot.matrix is not None or shot.distortion is not None):
            note = pgettext_rpt("{name} was left as its camera shows it, not turned upright.")
            return shot.noting([note.format(name=self.name)])
        return shot.with_pixels(read.rgb, read.full_size).noting(read.notes)

    def _infer(self):
        choice = choose_lens(
            self._shot,
            fov=self._fov,
            known=self._known,
            is_measured=self._metric_depth is not None or self._metric_points is not None,
            focal_35mm=self._focal,
            says_around=self._says_around,
        )
        shot, self._lens = choice.shot, choice.lens
        if shot.texture is None:
            self._texture = None  # its pixels have another shape
        if choice.is_around:
            self._panorama = PanoramaDepth(self._engine, shot.rgb, self._options)
            self._job = self._panorama.job
            return
        points = self._metric_points
        if isinstance(points, PointsFile):
            points, notes = points.read(shot)
            shot = shot.noting(notes)
        if points is not None:
            self._metric_points = shot.from_file(points)
        self._shot = shot
        depth = self._metric_depth
        if isinstance(depth, DepthFile):
            values = depth.values() if self._depth_values is None else self._depth_values
            self._fitting = Aside(lambda: depth.fitted(values, shot), values.size > _FELT)
            if not self._fitting.done:
                self.message = "Reading the depth map"
                return
            depth, self._fitting = self._fitting.answer(), None
        self._begin(depth)

    def _take_in_measured(self):
        if self._fitting.done:
            fitting, self._fitting = self._fitting, None
            self._begin(fitting.answer())

    def _begin(self, depth):
        self._measured = depth
        known = self._shot.intrinsics
        self._job = self._engine.infer(
            self._shot.rgb,
            intrinsics=known and (known.fx, known.fy, known.cx, known.cy),
            metric_depth=depth,
            metric_points=self._metric_points,
            **self._options,
        )

    def _take_in_views(self, panorama: PanoramaDepth):
        """Go on with a panorama, whose views are inferred one after another and then joined."""
        if self._joining:
            if self._joining.done and not (self.over or self._preparation):
                self._shot = self._shot.noting([panorama.note])
                self._prepare(self._joining.answer())
            return
        done = self._job.done
        for event in self._job.poll():
            fraction, self.message = panorama.told(event.fraction, event.message)
            self._tell(fraction)
        if self._joining_early and self._joining_early.done:
            joining, self._joining_early = self._joining_early, None
            self._show_preview(joining.answer(), self._intrinsics(None))
        if not done:
            return
        if panorama.take():
            self._job = panorama.job
            if not self._standing():
                size = sample_counts(*self._shot.size, _PREVIEW_AROUND)
                self._joining_early = panorama.join_early(*size)
        else:
            self.message = "Making the mesh"
            self._joining = Aside(panorama.join, True)

    def _take_in_depth(self):
        # Before the events: what is said after the last of them is the result alone.
        done = self._job.done
        for event in self._job.poll():
            self.message = event.message
            self._tell(event.fraction)
            if event.metric_depth is not None and not (done or self._standing()):
                intrinsics = self._intrinsics(event.intrinsics)
                self._show_preview(thin(event.metric_depth, intrinsics, _PREVIEW)[0], intrinsics)
        if done:
            self.message = "Making the mesh"
            self._prepare(self._job.wait())

    def _prepare(self, result: DepthResult):
        slow = result.depth.size > _FELT
        is_copy = self._find_texture() is None
        self._preparation = Aside(
            lambda: prepare(
                result,
                self._intrinsics(result.intrinsics),
                unseen=self._shot.unseen,
                rgb=self._shot.rgb if is_copy else None,
                measured=self._measured,
                is_ray=isinstance(self._metric_depth, DepthFile) and self._metric_depth.ray,
            ),
            slow,
        )

    def _show_preview(self, depth, full):
        """Show depth in a small size; what stands is better until its new depth is there."""
        smaller = full.resized(*depth.shape[::-1])
        picture = self._find_texture()
        if picture is None:
            picture = nearest(self._shot.rgb, smaller.width, smaller.height)
        if self.result is not None:
            replace_depth(self._preview(), picture, depth, depth, smaller)
            return
        obj = self._add(full, picture, depth, depth, smaller)
        self.result = obj.session_uid
        mark_preview(obj)

    def _take_in_prepared(self, made: Prepared):
        """Hand it over, after a step for each image where it is large."""
        stored = self._stored or made.stored
        if made.stored.depth.size > _FELT and len(stored.images) < len(stored.files):
            self._stored = make_next_image(self.name, stored)
        else:
            self._hand_over(replace(made, stored=stored))

    def _hand_over(self, made: Prepared):
        result, intrinsics, stored = made.result, made.intrinsics, made.stored
        picture = self._find_texture() or self._shot.rgb
        maps = picture, result.depth, result.metric_depth, intrinsics
        if self.result is not None:
            obj = self._preview()
            replace_depth(obj, *maps, stored=stored)
            unmark_preview(obj)
        elif obj := self._standing():
            self._renew(obj, maps, stored)
        else:
            obj = self._add(intrinsics, *maps, stored)
        show_sky(obj, made.sky)
        self._shot = self._shot.noting([pgettext_rpt(each) for each in made.doubts])
        if self._panorama is None:
            self._shot = self._shot.noting(lens_notes(self._lens, intrinsics, result.found))
            if self._shot.matrix is None and (camera := obj.get(CAMERA)):
                keep_guess(camera, self._lens == "model")
        note_result(obj, result, self._shot.notes)
        self.result, self.over = obj.session_uid, True
        if self._on_finish:
            lens = intrinsics if self._panorama is None else None
            self._on_finish(obj, replace(self._shot, intrinsics=lens), result)

    def _preview(self):
        """The object that shows what there is so far."""
        obj = find_by_uid(bpy.data.objects, self.result)
        if obj is None:
            raise SceneError(
                "{name} was not sharpened because its preview mesh was deleted.", name=self.name
            )
        if find_modifier(obj) is None:
            self.result = None  # it is the user's own by now
            raise SceneError(
                "{name} is no live result any more, so it was not sharpened.", name=obj.name
            )
        return obj

    def _renew(self, obj, maps, stored):
        """Give the result that stands the new depth."""
        renew_result(self._find_scene(), obj, *maps, self._shot.matrix, stored=stored)
        follow_output(obj, self._output)
        keep_taken(obj, self._shot.taken)
        self.outcome = told_renewed(obj)

    def _standing(self):
        """The live result of the same picture and camera that gets the new depth, if any."""
        return next((obj for obj in self._rivals() if is_untouched(obj)), None)

    def _rivals(self):
        """The results of the same picture and camera that are to be replaced, if they may be."""
        if self._keep_both:
            return []
        found = results_taken(self._find_scene(), self._shot.taken)
        around = self._panorama is not None  # a plate of the same picture is another thing
        return [obj for obj in found if not is_preview(obj) and is_panoramic(obj) == around]

    def _add(self, full, picture, depth, metric_depth, intrinsics, stored=None):
        scene = self._find_scene()
        if rivals := self._rivals():
            self.outcome = told_kept(rivals[0])
        pose = None
        if self._shot.matrix is None:
            pose = self._level(scene, depth, intrinsics)
            if around := enclosing_objects(scene, pose or UPRIGHT):
                note = pgettext_rpt(
                    "The new camera stands inside {name}, which hides the picture from it: hide "
                    "or delete that."
                )
                self._shot = self._shot.noting([note.format(name=around[0].name)])
            if not scene.objects:
                self._former_size = render_size(scene)
                set_render_size(scene, full)
        obj = add_depth_result(
            scene,
            picture,
            depth,
            metric_depth,
            intrinsics,
            name=self.name,
            matrix=self._shot.matrix,
            pose=pose,
            output=self._output,
            collection=collection_of(
                scene, results_taken(scene, self._shot.taken, any_camera=True)
            ),
            stored=stored,
            is_panorama=self._panorama is not None,
        )
        keep_output(obj, self._output)
        keep_taken(obj, self._shot.taken)
        return obj

    def _find_scene(self):
        scene = find_by_uid(bpy.data.scenes, self._scene)
        if scene is None:
            raise SceneError(
                "The scene that {name} was meant for has been deleted.", name=self.name
            )
        return scene

    def _level(self, scene, depth, intrinsics):
        """Where a new camera stands above the floor that depth shows; None where that is none."""
        floor = find_floor(depth, intrinsics) if self._panorama is None else None
        if floor is None:
            return None
        note = pgettext_rpt(
            "The new camera was leveled by the floor in the picture: it stands {height} m above "
            "it, pitched by {pitch} and rolled by {roll} degrees."
        ).format(height=f"{floor.height:.2f}", pitch=f"{floor.pitch:.1f}", roll=f"{floor.roll:.1f}")
        self._shot = self._shot.noting([note])
        return leveled_pose(floor, 1 / meters_per_unit(scene))

    def _intrinsics(self, found) -> Intrinsics:
        if self._panorama is not None:
            return panorama_lens(*self._shot.size)
        return self._shot.intrinsics or self._shot.seen_with(found)

    def _find_texture(self):
        return find_by_uid(bpy.data.images, self._texture)

    def _end(self):
        super()._end()
        for uid in self._stored.images if self._stored else ():
            image = find_by_uid(bpy.data.images, uid)
            if image is not None and image.users == 0:
                bpy.data.images.remove(image)
        if self.result is not None:
            obj = find_by_uid(bpy.data.objects, self.result)
            self.result = None
            if obj:
                remove_result(obj)
        remove_opened(self._opened)
        scene = find_by_uid(bpy.data.scenes, self._scene)
        if self._former_size and scene:
            restore_render_size(scene, self._former_size)
