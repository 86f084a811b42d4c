"""Video depth: steady metric depth of a whole shot, by a network that looks at many frames."""

from collections.abc import Iterator

import numpy as np
from bpy.app.translations import pgettext_rpt

from ..geometry import Intrinsics
from ..geometry.sky import SURE
from ..geometry.temporal import (
    depth_of_disparity,
    enlarge_disparity,
    fit_meters,
    join_windows,
    sky_disparity,
    window_frames,
)
from ..process import Engine
from ..process.job import DepthResult, VideoResult
from ..scene import SolvedTracks
from ..scene.sequence import Frames, SequenceError, SequenceFolder
from .ahead import Wait, Work, ask_ahead
from .lens_notes import lens_notes, lens_of

_APART = 22  # frames between those that give the scale; each window has a new one
_FARTHEST = 2.0  # what nothing is beyond, relative to what was measured farthest


class VideoDepth:
    """Depth of a shot by a network for video, at one scale from its first frame to its last.

    The network tells disparity up to a scale and a shift, which are found for the whole shot: by
    solved tracks, or by a metric estimator on some frames. What that finds to be sky there tells
    below which disparity there is sky in any frame. What is finished is kept in the folder, so that
    every process of a farm finds the same.

    Args:
        engine: Engine to use.
        frames: The whole shot.
        store: Folder of the sequence.
        network: Name of the weights of the network for video.
        estimator: Of the metric estimator.
        device: As of `Engine.infer`.
        tracks: That give the scale instead.

    Attributes:
        intrinsics: Of the first frame, as the estimator found them; None before `look`.
        notes: Sentences on what was assumed of it, likewise.
    """

    def __init__(
        self,
        engine: Engine,
        frames: Frames,
        store: SequenceFolder,
        network: str,
        estimator: str | None,
        device: str,
        tracks: SolvedTracks | None = None,
    ):
        self.intrinsics: Intrinsics | None = None
        self.notes: list[str] = []
        self._engine, self._frames, self._store = engine, frames, store
        self._network, self._estimator, self._device = network, estimator, device
        self._tracks = tracks
        self._meters = (1.0, 0.0)
        self._farthest = 1.0
        self._sky: float | None = None

    def look(self, wait: Wait) -> Iterator[tuple[float, str]]:
        """Look at the whole shot, in short steps.

        Args:
            wait: Steps until a job is done, yielding its fraction and what it says.

        Yields:
            (fraction in 0..1, sentence for a person).

        Raises:
            SequenceError: The frames differ in size, or no scale fits.
        """
        numbers = self._frames.numbers
        windows = window_frames(len(numbers))
        asked = numbers[::_APART]
        work = [
            *((self._measure(number), f"Measuring frame {number}")
              for number in asked if self._store.read_arrays("scale", number) is None),
            *((self._look_at(index, [numbers[each] for each in window]),
               f"Looking at window {index + 1}")
              for index, window in enumerate(windows)
              if self._store.read_arrays("window", index) is None),
        ]  # fmt: skip
        # The first frame comes first, because the others need its lens.
        for begin, end in ((0, 1), (1, None)):
            works = [each for each, _ in work[begin:end]]
            for index, fraction, _ in ask_ahead(works, wait):
                done = begin + index
                yield (done + fraction) / len(work), work[done][1]
        for _ in self._join(asked):
            yield 1.0, "Joining the windows"

    def depth(self, number: int, size: tuple[int, int]) -> np.ndarray:
        """Depth of a frame at the size (width, height) of its picture, (H, W) float32 meters."""
        kept = self._store.read_arrays("joined", number)
        return depth_of_disparity(kept["disparity"], self._meters, self._farthest, size)

    def sky(self, number: int, size: tuple[int, int]) -> np.ndarray | None:
        """Where a frame has sky, (H, W) bool of that size; None where nothing tells it."""
        if self._sky is None:
            return None
        kept = self._store.read_arrays("joined", number)
        return enlarge_disparity(kept["disparity"], size) < self._sky

    def _look_at(self, index, numbers) -> Work:
        yield None
        for number in dict.fromkeys(numbers):
            if not self._store.has_picture(number):
                self._store.write_picture(number, self._frames.read(number).rgb)
                yield None
        pictures = [str(self._store.path("picture", number)) for number in numbers]
        result: VideoResult = yield self._engine.look_at_window(
            pictures, self._network, self._device
        )
        self._store.write_arrays("window", index, disparity=result.disparity)

    def _measure(self, number) -> Work:
        """Keep what tells the scale of a frame: columns and rows of pixels, and meters there."""
        yield None
        shot = self._frames.read(number)
        width, height = shot.size
        sky, notes = np.zeros((0, 2), int), list[str]()
        if self._tracks:
            points = self._tracks.points_of(shot, self._tracks.points(number)[0])
            intrinsics = np.array([*shot.intrinsics] if shot.intrinsics else [])
            seen = (points[:, :2] >= 0).all(1) & (points[:, :2] < (width, height)).all(1)
            places, meters = points[seen, :2].astype(int), points[seen, 2]
        else:
            known = shot.intrinsics or self._intrinsics_of(self._frames.numbers[0])
            result: DepthResult = yield self._engine.infer(
                shot.rgb,
                intrinsics=known and tuple(known),
                model="metric",
                estimator=self._estimator,
                device=self._device,
            )
            lens = known or shot.seen_with(result.intrinsics)
            intrinsics = np.array([*lens])
            notes = [*lens_notes(lens_of(self._frames), lens, result.found), *result.notes]
            there = np.ones(result.depth.shape, bool)
            above = ~there if result.sky is None else result.sky > SURE
            there &= ~above
            if result.holes is not None:
                there &= ~result.holes
            step = max(1, max(width, height) // 96)
            places, sky = (
                np.argwhere(each[::step, ::step])[:, ::-1] * step for each in (there, above)
            )
            meters = result.depth[places[:, 1], places[:, 0]]
        self._store.write_arrays(
            "scale", number, places=places, meters=meters, sky=sky, intrinsics=intrinsics,
            size=np.array(shot.size), notes=np.array(notes, str),
        )  # fmt: skip

    def _intrinsics_of(self, number):
        kept = self._store.read_arrays("scale", number)
        if kept is None or not len(kept["intrinsics"]):
            return None
        return Intrinsics(*kept["intrinsics"], *kept["size"])

    def _join(self, asked):
        """Join the windows, a frame a step, and find the scale of all."""
        numbers = self._frames.numbers
        values, meters, skies = [], [], []
        for number, disparity in zip(
            numbers, join_windows(self._windows(), len(numbers)), strict=True
        ):
            self._store.write_arrays("joined", number, disparity=disparity)
            if number in asked:
                kept = self._store.read_arrays("scale", number)
                full = enlarge_disparity(disparity, tuple(kept["size"]))
                values.append(full[kept["places"][:, 1], kept["places"][:, 0]])
                skies.append(full[kept["sky"][:, 1], kept["sky"][:, 0]] if "sky" in kept else [])
                meters.append(kept["meters"])
            yield
        fitted = fit_meters(values, meters)
        if fitted is None:
            raise SequenceError(
                "The network for video and the metric depth contradict each other: use a preset "
                "without a network for video."
            )
        self._meters = fitted
        self._farthest = _FARTHEST * max(float(each.max()) for each in meters if len(each))
        self._sky = sky_disparity(np.concatenate(skies), np.concatenate(values))
        self.intrinsics = self._intrinsics_of(numbers[0])
        first = self._store.read_arrays("scale", numbers[0])
        self.notes = first["notes"].tolist() if "notes" in first else []  # not of earlier versions

    def _windows(self):
        size = None
        for index in range(len(window_frames(len(self._frames.numbers)))):
            window = self._store.read_arrays("window", index)["disparity"]
            size = size or window.shape
            if window.shape != size:
                raise SequenceError("The frames of the shot differ in size.")
            yield window

    @property
    def note(self) -> str:
        """A sentence on how the shot was made steady."""
        how = "solved tracks" if self._tracks else "the metric estimator"
        return pgettext_rpt(
            "Depth is steady by {network}, at one scale for the whole shot, from {how}."
        ).format(network=self._network, how=pgettext_rpt(how))
