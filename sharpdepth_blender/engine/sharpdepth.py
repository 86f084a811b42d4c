"""The engine's public face."""

from collections.abc import Callable
from dataclasses import dataclass
from math import radians, tan
from pathlib import Path

import numpy as np
import torch

from .device import choose_device, naming_out_of_memory
from .errors import EngineError
from .grid import Intrinsics
from .inputs import check_intrinsics, check_picture
from .metric import MetricEstimator
from .pipeline import SharpDepthPipeline
from .presets import PRESETS
from .progress import Clock, Progress
from .weights import load_network

DEFAULT_FIELD_OF_VIEW = 60.0  # degrees across the longer side, when nobody knows the camera


@dataclass(frozen=True)
class Result:
    """Depth of one picture; maps are (H, W) float32 with row 0 at the top.

    Attributes:
        depth: Sharpened z-depth, metres, finite and above zero.
        metric_depth: Metric depth it was made from, metres, finite and above zero.
        difference: Where both models disagreed, 0..1.
        scale: `a` of `depth = a · prediction + b`; see `notes` when a guard refused the fit.
        shift: `b`, metres.
        intrinsics: (fx, fy, cx, cy), pixels, as given, found by the model, or assumed.
        seconds: Time of each stage.
        notes: A sentence for every guard that acted and everything that was assumed.
    """

    depth: np.ndarray
    metric_depth: np.ndarray
    difference: np.ndarray
    scale: float
    shift: float
    intrinsics: Intrinsics
    seconds: dict[str, float]
    notes: list[str]


class SharpDepth:
    """A loaded model that turns pictures into metric depth.

    Attributes:
        model: Preset name or folder it was loaded from.
        device: `cuda`, `mps` or `cpu`.
        processing_resolution: Longer side, pixels, at which the networks see a picture; starts at
            what the model was trained for, 0 = the picture's own.
    """

    def __init__(self, model: str, pipeline: SharpDepthPipeline, estimator: MetricEstimator | None):
        self.model = model
        self.device = pipeline.device.type
        self.processing_resolution = pipeline.config.processing_resolution
        self._pipeline = pipeline
        self._estimator = estimator

    @classmethod
    def load(cls, model="preview", device: str = "auto") -> "SharpDepth":
        """Load a model onto a device.

        Args:
            model: Preset name or model folder. Without a `metric` folder in it, `infer` has to be
                given the metric depth.
            device: `auto` (the first there is of cuda, mps, cpu), or one of them by name.

        Raises:
            EngineError: `unknown_model`, `weights_missing`, `device_missing` or `out_of_memory`.
        """
        chosen = choose_device(device)
        folder = _find_folder(model)
        with naming_out_of_memory(chosen):
            pipeline = SharpDepthPipeline.from_pretrained(folder).to(chosen)
            return cls(str(model), pipeline, _load_estimator(folder, chosen))

    def infer(
        self,
        rgb: np.ndarray,
        intrinsics: Intrinsics | None = None,
        metric_depth: np.ndarray | None = None,
        seed: int = 0,
        progress: Callable[[Progress], None] | None = None,
    ) -> Result:
        """Metric depth of a picture, with crisp boundaries.

        Args:
            rgb: (H, W, 3), uint8 or float in 0..1.
            intrinsics: (fx, fy, cx, cy) in pixels, the centre of the top-left pixel at (0.5, 0.5).
            metric_depth: Metres, (H, W), 0 = no measurement: sharpen this instead of an estimate.
            seed: Of the noise. The same seed gives the same noise on every device.
            progress: Called as each stage begins. An exception it raises cancels and comes out.

        Raises:
            EngineError: `bad_image`, `bad_depth`, `bad_request`, `weights_missing` when the model
                brings no metric estimator and no `metric_depth` is given, or `out_of_memory`.
        """
        estimator = None if metric_depth is not None else self._estimator
        if metric_depth is None and estimator is None:
            raise EngineError(
                "weights_missing",
                f"The model {self.model} has no metric estimator, so it needs a metric depth.",
            )
        rgb = check_picture(rgb)
        notes = []
        if intrinsics is not None:
            intrinsics = check_intrinsics(intrinsics)
        elif estimator is None or not estimator.finds_intrinsics:
            intrinsics = _assume_intrinsics(*rgb.shape[:2])
            notes.append(
                "The camera is unknown; a field of view of "
                f"{DEFAULT_FIELD_OF_VIEW:g} degrees across the longer side was assumed."
            )

        def estimate(picture):
            nonlocal intrinsics
            grid = self._pipeline.grid(*rgb.shape[:2], self.processing_resolution)
            given = grid.resize_intrinsics(intrinsics) if intrinsics else None
            answer = estimator.predict(picture, given)
            if intrinsics is None:
                intrinsics = grid.restore_intrinsics(answer.intrinsics)
            return answer.depth

        clock = Clock(self.device, progress)
        with naming_out_of_memory(self.device):
            output = self._pipeline(
                rgb,
                metric_depth if estimator is None else estimate,
                self.processing_resolution,
                generator=torch.Generator().manual_seed(seed),
                on_stage=clock.begin,
            )
        clock.end()
        return Result(
            output.depth,
            output.metric_depth,
            output.difference,
            output.scale,
            output.shift,
            intrinsics,
            clock.seconds,
            notes + output.notes,
        )


def _assume_intrinsics(height: int, width: int) -> Intrinsics:
    """Square pixels, centred, `DEFAULT_FIELD_OF_VIEW` across the longer side."""
    focal = max(height, width) / 2 / tan(radians(DEFAULT_FIELD_OF_VIEW) / 2)
    return focal, focal, width / 2, height / 2


def _find_folder(model) -> Path:
    """Folder of a preset or a path.

    Raises:
        EngineError: `unknown_model` or `weights_missing`.
    """
    if preset := PRESETS.get(str(model)):
        if not preset.folder.is_dir():
            raise EngineError(
                "weights_missing", f"The weights of {preset.name} are not in {preset.folder}."
            )
        return preset.folder
    if not Path(model).is_dir():
        known = ", ".join(PRESETS)
        raise EngineError(
            "unknown_model", f"There is no model {model}; choose one of: {known}; or name a folder."
        )
    return Path(model)


def _load_estimator(folder: Path, device: str) -> MetricEstimator | None:
    """The metric estimator that lies in a model folder, if one does."""
    if not (folder / "metric").is_dir():
        return None
    from .preview_metric import PreviewMetricModel

    return load_network(PreviewMetricModel, folder / "metric").to(device)
