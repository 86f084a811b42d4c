"""Generate a sequence: write all frames to a folder, then stabilize them over time."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath

import bpy
import numpy as np
from bpy.app.translations import pgettext_rpt

from ..geometry.axes import other_axes
from ..geometry.panorama import is_panorama
from ..geometry.sky import LEAST, SURE
from ..library import PRESETS
from ..process import Engine, JobError
from ..process.job import DepthResult, Job
from ..scene import SolvedTracks
from ..scene.guessed_lens import guess_note, has_guessed_lens, keep_guess
from ..scene.opened_images import remove_opened
from ..scene.plate_collection import collection_of
from ..scene.plates.numbering import spans
from ..scene.sequence import (
    Frames,
    RawFrame,
    SequenceError,
    SequenceFolder,
    add_depth_sequence,
    is_untouched_sequence,
    offset_from,
    renew_depth_sequence,
    small_brightness,
    stabilize,
)
from ..scene.taken import CAMERA, Taken, find_camera, keep_taken
from ..scene.target_result import results_taken
from .ahead import Work, ask_ahead
from .asked_output import follow_output, keep_output
from .lens_notes import lens_notes, lens_of
from .outcome import told_kept, told_renewed
from .task import SceneTask
from .video_depth import VideoDepth

_COMPUTING = 0.9  # fraction of the progress bar for the frames
_LOOKING = 0.4  # fraction of it for looking at the whole shot before, with a network for video


class SequenceGeneration(SceneTask):
    """Depth for a frame range, written to a folder; call `step` until it is `over`.

    Finished frames are skipped, so that the same call resumes after any interruption. Frames are
    written atomically and do not depend on the order or the number of processes; once the last one
    is present, all are stabilized over time.

    Args:
        engine: Engine to use.
        frames: The whole shot.
        folder: Output folder.
        model: Preset name, or a model folder as a path.
        estimator: Of another metric depth model than the preset's own.
        device: As of `Engine.infer`.
        precision: Likewise.
        resolution: Likewise.
        detail: Likewise.
        seed: Of the noise, the same for all frames.
        tracks: With which each frame's estimate is to agree.
        window: Frames on either side that are mixed, unless the preset has a network for video.
        chunk: Those of the frames that are to be made here; None for all.
        taken: What tells the source and its camera from others, where it is known.
        opened: Session uids of images that were opened for this, and go where nothing comes of it.
        on_finish: Called with this when all is done, for `add_sequence_object`.

    `result` stays None.

    Attributes:
        made: How many frames were computed here; the others were finished before.
        shot: What `shot.json` holds; None while frames are missing that others make.
        numbers: Frames of the shot that have a picture.
        taken: As it was given, or of nothing.
        notes: Sentences on what was assumed; once there is a shot, also on its cuts and jumps.

    Raises:
        SequenceError: The folder contains frames with other settings, or a frame is a panorama.
        SaveError: The folder cannot be written.
        TracksError: A frame has no solved tracks.
    """

    def __init__(
        self,
        engine: Engine,
        frames: Frames,
        folder,
        *,
        model: str = "preview",
        estimator: str | None = None,
        device: str = "auto",
        precision: str = "auto",
        resolution: int | None = None,
        detail: str = "edges",
        seed: int = 0,
        tracks: SolvedTracks | None = None,
        window: int = 5,
        chunk: list[int] | None = None,
        taken: Taken | None = None,
        opened: Sequence[int] = (),
        on_finish: Callable[["SequenceGeneration"], None] | None = None,
    ):
        super().__init__(frames.name)
        self.made = 0
        self.shot: dict | None = None
        self.notes = [*frames.notes, *([tracks.note] if tracks else [])]
        self._engine, self._frames = engine, frames
        self._window, self._opened, self._on_finish = window, opened, on_finish
        self.numbers = frames.numbers
        self.taken = taken or Taken()
        camera = find_camera(self.taken)
        if camera is not None and has_guessed_lens(camera):
            self.notes.append(guess_note(camera))
        self._options = {
            "model": model,
            "estimator": estimator,
            "precision": precision,
            "resolution": resolution,
            "detail": detail,
            "seed": seed,
        }
        self._device = device
        self._tracks = tracks
        self._points = {each: tracks.points(each)[0] for each in frames.numbers} if tracks else {}
        self.store = SequenceFolder(folder, offset_from(frames.numbers[0]))
        settings = {name: _plain(value) for name, value in self._options.items()}
        settings["tracks"] = _fingerprint(self._points.values()) if tracks else None
        settings["file offset"] = self.store.offset or None
        # If the camera is unknown, the model's estimate for the first frame is used.
        self.store.check_settings(
            {"source": PurePath(frames.path).name, **settings, **frames.known}
        )
        there = set(frames.numbers)
        mine = frames.numbers if chunk is None else [each for each in chunk if each in there]
        self._begins = 0.0
        preset = PRESETS.get(str(model))
        self._video: VideoDepth | None = None
        if preset and preset.video:
            self._begins, self._window = _LOOKING, 0
            self._video = VideoDepth(
                engine, frames, self.store, preset.video, estimator or preset.estimator, device,
                tracks,
            )  # fmt: skip
            self.notes.append(self._video.note)
        self._steps = self._work(mine)
        self._job: Job | None = None

    @property
    def waiting(self) -> bool:
        """Whether it waits for the engine."""
        return self._job is not None and not self._job.done

    @property
    def knows_lens(self) -> bool:
        """Whether anybody but a model says through which lens the frames were taken."""
        return self._frames.has_lens

    def cancel(self) -> None:
        """Stop; finished frames are kept, and the same call resumes from them."""
        self._steps.close()
        super().cancel()

    def _end(self):
        super()._end()
        remove_opened(self._opened)

    def _go_on(self):
        try:
            next(self._steps)
        except StopIteration:
            self.over, self.fraction = True, 1.0

    def _work(self, numbers):
        """Work in short steps, except for writing files."""
        camera = None
        if not self._frames.has_camera:
            yield from self._read_lens()
        if self._video:
            for fraction, message in self._video.look(self._wait):
                self.message = message
                self._tell(_LOOKING * fraction)
                yield
            camera = self._video.intrinsics
        elif not self._frames.has_lens:
            # The first frame comes first, because all frames need its lens estimate.
            first = self._frames.numbers[0]
            yield from self._make([first], len(numbers), None)
            camera = self.store.read_raw(first).intrinsics
        yield from self._make(numbers, len(numbers), camera)
        missing = [each for each in self._frames.numbers if not self._is_there(each)]
        if missing:
            return  # another process is computing them
        for fraction, message in self._assembling():
            self.message = message
            self._tell(_COMPUTING + (1 - _COMPUTING) * fraction)
            yield
        if self._video:
            self.notes += self._video.notes
        self.notes += [*_frame_notes(self.shot), *shot_notes(self.shot)]
        if self._on_finish:
            self._on_finish(self)

    def _read_lens(self):
        """Take the lens of all frames from the EXIF data of the first one's file."""
        path = self._frames.read(self._frames.numbers[0]).path
        if path is None:
            return
        job = self._engine.read_picture(path, shown=True)
        for _, message in self._wait(job):
            self.message = message
            yield
        try:
            self._frames.focal_35mm = job.wait().focal_35mm
        except JobError as error:
            if error.kind not in ("unknown_format", "bad_image"):  # which Blender has read
                raise

    def _assembling(self):
        self.shot = yield from stabilize(self.store, self._frames.numbers, self._window)

    def _is_there(self, number):
        return self.store.path("raw", number).is_file()

    def _make(self, numbers, count, camera):
        """Make frames, of which each is read while the engine is at the one before."""
        works = [self._frame(number, camera) for number in numbers]
        for index, fraction, message in ask_ahead(works, self._wait):
            done = (index + fraction) / count
            self._tell(self._begins + (_COMPUTING - self._begins) * done)
            self.message = ": ".join(filter(None, (f"Frame {numbers[index]}", message)))
            yield

    def _frame(self, number, camera) -> Work:
        yield None
        raw = self.store.finished(number)
        if raw is not None:
            intrinsics, matrix = self._frames.look(number, raw)
            if intrinsics in (None, raw.intrinsics):
                matrix = self._frames.in_meters(matrix)
                if matrix is not None and not _same(matrix, raw.matrix):
                    self.store.write_raw(number, replace(raw, matrix=matrix))
                return
        shot = self._frames.read(number)
        if not self._frames.has_camera and is_panorama(shot.rgb):
            raise SequenceError(
                "Frame {number} of {name} is a panorama, and a sequence is of perspective "
                "pictures: generate panoramas one by one, or enter a field of view.",
                number=number,
                name=self.name,
            )
        known = shot.intrinsics or camera
        measured = {}
        if self._video:
            measured["metric_depth"] = self._video.depth(number, shot.size)
        elif self._tracks:
            measured["metric_points"] = self._tracks.points_of(shot, self._points[number])
        result = yield self._engine.infer(
            shot.rgb,
            intrinsics=known and (known.fx, known.fy, known.cx, known.cy),
            device=self._device,
            **measured,
            **self._options,
        )
        self.store.write_picture(number, shot.rgb)
        if result.normals is not None:
            self.store.write_normals(number, other_axes(result.normals))
        self.store.write_raw(number, self._raw(number, shot, known, result))
        self.made += 1

    def _wait(self, job):
        """Step until a job is done; yields its fraction and what it says."""
        self._job = job
        fraction, message = 0.0, ""
        while not job.done:
            for event in job.poll():
                fraction, message = event.fraction, pgettext_rpt(event.message)
            yield fraction, message
        self._job = None

    def _raw(self, number, shot, known, result: DepthResult) -> RawFrame:
        intrinsics = known or shot.seen_with(result.intrinsics)
        lens = []
        if number == self._frames.numbers[0]:  # whose lens the others have, where nobody knows it
            lens = lens_notes(lens_of(self._frames), intrinsics, result.found)
        maps = result.depth, result.metric_depth
        if result.holes is not None:
            maps = [np.where(result.holes, np.float32(0), each) for each in maps]
        if self._video:
            sky = self._video.sky(number, shot.size)
        else:
            sky = None if result.sky is None else result.sky > SURE
        if (unseen := shot.unseen) is not None:
            maps = [np.where(unseen, np.float32(0), each) for each in maps]
            sky = None if sky is None else sky & ~unseen
        return RawFrame(
            *maps,
            small_brightness(shot.rgb),
            intrinsics,
            shot.pixel_aspect,
            self._frames.in_meters(shot.matrix),
            result.scale,
            result.shift,
            (*shot.notes, *lens, *result.notes),
            result.model,
            result.device,
            sky if sky is not None and sky.mean() >= LEAST else None,
            result.normals is not None,
        )


def _fingerprint(arrays):
    """Return a fingerprint of a solve, which changes if it is scaled or redone."""
    value = 0
    for array in arrays:
        value = zlib.crc32(array.tobytes(), value)
    return f"{value:08x}"


def _plain(value):
    """Strip folders, which may differ between computers of a farm."""
    return value if value is None or isinstance(value, int) else PurePath(value).name


def _same(one, other):
    return other is not None and one.shape == other.shape and bool((one == other).all())


def add_sequence_object(
    scene: bpy.types.Scene,
    generation: SequenceGeneration,
    output: str,
    keep_both: bool = False,
) -> bpy.types.Object:
    """Add the live object that shows the frames of a generation that is over.

    One of the same shot and camera shows them instead, and keeps all else. What was baked or edited
    is left alone.

    Args:
        scene: That gets it.
        generation: Has a shot.
        output: `Mesh` or `Points`.
        keep_both: Whether to leave what there is, and add another one.
    """
    taken, folder = generation.taken, generation.store.folder
    rivals = [] if keep_both else _made_before(scene, taken)
    obj = next((each for each in rivals if is_untouched_sequence(each)), None)
    if obj is not None:
        renew_depth_sequence(scene, obj, folder)
        follow_output(obj, output)
        generation.outcome = told_renewed(obj)
    else:
        if rivals:
            generation.outcome = told_kept(rivals[0])
        there = _made_before(scene, taken, any_camera=True)
        obj = add_depth_sequence(
            scene,
            folder,
            name=generation.name,
            output=output,
            collection=collection_of(scene, there),
        )
        keep_output(obj, output)
    keep_taken(obj, taken)
    if taken.camera is None and (camera := obj.get(CAMERA)):
        keep_guess(camera, not generation.knows_lens)
        if not generation.knows_lens:
            generation.notes.append(guess_note(camera))
    kept = obj.sharpdepth
    kept.model, kept.device = generation.shot["model"], generation.shot["device"]
    kept.notes = "\n".join(generation.notes)
    return obj


def _made_before(
    scene: bpy.types.Scene, taken: Taken, any_camera: bool = False
) -> list[bpy.types.Object]:
    """Objects of the same shot, those first that still follow the frame."""
    return [
        obj
        for following in (True, False)
        for obj in results_taken(scene, taken, any_camera, following)
    ]


def _frame_notes(shot):
    """What is told of all frames, and of the first one, whose lens may be that of all."""
    first, *others = shot["frames"]
    told = []
    for note in first["notes"]:
        if not all(note in each["notes"] for each in others):
            sentence = pgettext_rpt("Frame {frame}: {note}")
            note = sentence.format(frame=first["frame"], note=pgettext_rpt(note))
        told.append(note)
    return told


def shot_notes(shot: dict) -> list[str]:
    """A sentence on all cuts that were found, on each jump, and on a camera that does not fit.

    Args:
        shot: As of `scene.sequence.stabilize`.
    """
    notes = []
    if shot["cuts"]:
        sentence = pgettext_rpt("Cuts at frames {frames}: nothing is smoothed across them.")
        notes.append(sentence.format(frames=spans(shot["cuts"])))
    for jump in shot["jumps"]:
        sentence = pgettext_rpt(
            "The scale jumped by a factor of {ratio} at frame {frame}; this was compensated."
        )
        notes.append(sentence.format(frame=jump["frame"], ratio=f"{jump['ratio']:.3f}"))
    if shot["camera_ignored"]:
        sentence = pgettext_rpt(
            "The camera path does not match the metric depth at frames {frames}, so only its "
            "rotation was used: check the scale of the scene."
        )
        notes.append(sentence.format(frames=spans(shot["camera_ignored"])))
    return notes
