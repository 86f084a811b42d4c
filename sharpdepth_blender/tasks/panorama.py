"""Panorama: depth of an equirectangular picture, view by view."""

from dataclasses import replace
from typing import Any

import numpy as np
from bpy.app.translations import pgettext_rpt

from ..geometry.axes import other_axes
from ..geometry.panorama_views import blend_views, join_views, panorama_views, view_picture
from ..library import PRESETS
from ..process import Engine
from ..process.job import DepthResult, Job
from ..scene.aside import Aside

_LOOKING = 0.2  # fraction of the progress bar for what is looked at first


class PanoramaDepth:
    """The views of a panorama on their way through the engine, one after another.

    Where a network sharpens, the metric depth of all is looked at first, which the engine keeps.

    Args:
        engine: Engine to use.
        rgb: (H, W, 3) uint8 sRGB.
        options: As of `Engine.infer`, which gets each view's intrinsics.

    Attributes:
        job: Of the current view.
    """

    def __init__(self, engine: Engine, rgb: np.ndarray, options: dict[str, Any]):
        self._engine, self._rgb, self._options = engine, rgb, options
        self._views = panorama_views(rgb.shape[1])
        preset = PRESETS.get(str(options.get("model")))
        # How many views are only looked at.
        self._ahead = 0 if preset and preset.method == "metric" else len(self._views)
        self._pictures: list[np.ndarray] = []  # of views that have begun
        self._seen: list[np.ndarray] = []  # metric depth of those that were looked at
        self._results: list[DepthResult] = []
        self.job: Job = self._begin()

    @property
    def note(self) -> str:
        """A sentence for the user."""
        return pgettext_rpt(
            "The picture is a panorama: {count} views of it were joined around the camera, and its "
            "depth is the length of each ray. Enter a field of view to take it for a plate."
        ).format(count=len(self._views))

    def told(self, fraction: float, message: str) -> tuple[float, str]:
        """The fraction and message of all views, of those of the current one."""
        seen, done, count = len(self._seen), len(self._results), len(self._views)
        looks = seen < self._ahead
        text = pgettext_rpt("View {number} of {count}: {message}")
        number = (seen if looks else done) + 1
        words = text.format(number=number, count=count, message=pgettext_rpt(message))
        share = _LOOKING if self._ahead else 0.0
        if looks:
            return share * (seen + fraction) / count, words
        return share + (1 - share) * (done + fraction) / count, words

    def take(self) -> bool:
        """Take the answer of the job that is done; whether another view follows."""
        result = self.job.wait()
        if len(self._seen) < self._ahead:
            self._seen.append(result.metric_depth)
        else:
            self._results.append(result)
            if len(self._results) == len(self._views):
                return False
        self.job = self._begin()
        return True

    def join_early(self, width: int, height: int) -> Aside[np.ndarray]:
        """Join what the views tell so far, in another thread.

        Args:
            width: Of what is made, pixels.
            height: Likewise.

        Returns:
            (height, width) float32 ray length; NaN where no view has looked yet.
        """
        maps = [each.depth for each in self._results]
        maps += self._seen[len(maps) :]
        views = self._views[: len(maps)]
        return Aside(lambda: join_views(views, maps, width, height))

    def join(self) -> DepthResult:
        """The result of all views, whose depth is ray length; numpy alone, for any thread."""
        height, width = self._rgb.shape[:2]

        def joined(name: str) -> np.ndarray:
            maps = [getattr(each, name) for each in self._results]
            return join_views(self._views, maps, width, height)

        def blended(name: str) -> np.ndarray | None:
            """Of what is 0 in a view that says nothing of it; None where none does."""
            maps = [getattr(each, name) for each in self._results]
            if all(each is None for each in maps):
                return None
            known = [
                np.zeros(result.depth.shape, np.float32) if each is None else np.float32(each)
                for each, result in zip(maps, self._results, strict=True)
            ]
            return blend_views(self._views, known, width, height)

        depth, holes = joined("depth"), blended("holes")
        seconds: dict[str, float] = {}
        for each in self._results:
            for stage, time in each.seconds.items():
                seconds[stage] = seconds.get(stage, 0.0) + time
        return replace(
            self._results[0],
            depth=depth,
            metric_depth=joined("metric_depth"),
            difference=np.zeros_like(depth),
            scale=0.0,
            shift=0.0,
            seconds=seconds,
            notes=self._notes(),
            sky=blended("sky"),
            normals=self._normals(),
            holes=None if holes is None else holes > 0.5,
            found=None,
        )

    def _notes(self) -> list[str]:
        """What is told of the views, with their numbers where it is not of all."""
        views: dict[str, list[int]] = {}
        for number, result in enumerate(self._results, 1):
            for note in dict.fromkeys(result.notes):
                views.setdefault(note, []).append(number)
        told = []
        for note, numbers in views.items():
            words = pgettext_rpt(note)
            if len(numbers) < len(self._results):
                text = "Views {numbers}: {note}" if len(numbers) > 1 else "View {numbers}: {note}"
                words = pgettext_rpt(text).format(numbers=", ".join(map(str, numbers)), note=words)
            told.append(words)
        return told

    def _normals(self) -> np.ndarray | None:
        """Those of the views in the panorama's axes; None where a view has none."""
        height, width = self._rgb.shape[:2]
        turned = []
        for view, result in zip(self._views, self._results, strict=True):
            if result.normals is None:
                return None
            turned.append(other_axes(other_axes(result.normals) @ view.turn.T))
        axes = [
            blend_views(
                self._views, [np.float32(each[..., axis]) for each in turned], width, height
            )
            for axis in range(3)
        ]
        between = np.stack(axes, -1)
        length = np.linalg.norm(between, axis=-1, keepdims=True)
        # Where opposite or unknown ones meet, what is between them tells nothing.
        return np.where(length > 0.5, between / np.maximum(length, 0.5), np.float32(0))

    def _begin(self) -> Job:
        looks = len(self._seen) < self._ahead
        number = len(self._seen if looks else self._results)
        view = self._views[number]
        if number == len(self._pictures):
            self._pictures.append(view_picture(self._rgb, view))
        return self._engine.infer(
            self._pictures[number],
            intrinsics=tuple(view.intrinsics),
            ahead=looks,
            **self._options,
        )
