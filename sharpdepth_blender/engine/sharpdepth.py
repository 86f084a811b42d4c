"""Public API of the engine."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch

from ..geometry import Intrinsics, round_to_24_bits
from .device import as_engine_error, choose_device
from .errors import EngineError
from .estimators import load_estimator
from .findings import Findings
from .inputs import check_intrinsics, check_picture, picture_tensor
from .kept_estimates import KeptEstimates
from .latent import Autoencoder
from .memory import Memory
from .metric import DEFAULT_FIELD_OF_VIEW, MetricEstimator
from .metric_depth import prepare, scattered_points
from .metric_only import without_difference
from .models import find_model, load_pipeline
from .precision import FAST, choose_precision
from .progress import Clock, Progress
from .sky import bring_sky_near

SCATTERED = "The depth map contains scattered points only; an estimate was fitted to them."


@dataclass(frozen=True)
class Result:
    """Depth of one picture; maps are (H, W) float32 with row 0 at the top.

    Depth is as `round_to_24_bits` makes it, 0.15 mm off at ten meters, so that it is packed small
    and is the same wherever it goes. A given map keeps every bit.

    Attributes:
        depth: Sharpened z-depth, meters, finite and positive.
        metric_depth: Metric depth it was made from, meters, finite and positive.
        difference: Disagreement of the two models, 0..1.
        scale: `a` of the global fit `metric depth = a · prediction + b`, from which a local one
            starts; see `notes` if a guard rejected it; 0 if nothing was fitted.
        shift: `b`, meters.
        intrinsics: As given, estimated by the model, or assumed.
        seconds: Time per stage.
        memory: Peak bytes per stage, from `device.peak_memory`.
        notes: One sentence for every guard that acted and every assumption.
        sky: Probability that a pixel is sky, 0..1; None if the metric model does not find it, or
            did not run.
        normals: (H, W, 3) unit normals in camera axes (x right, y down, z forward), towards the
            camera, 0 where unknown; None likewise.
        holes: (H, W) bool, where the metric model sees neither a surface nor sky, although the maps
            are filled there; None if there is no such place, or if it did not run.
        found: Intrinsics that the metric model finds in the picture alone; None if it does not.
    """

    depth: np.ndarray
    metric_depth: np.ndarray
    difference: np.ndarray
    scale: float
    shift: float
    intrinsics: Intrinsics
    seconds: dict[str, float]
    memory: dict[str, int]
    notes: list[str]
    sky: np.ndarray | None = None
    normals: np.ndarray | None = None
    holes: np.ndarray | None = None
    found: Intrinsics | None = None


class SharpDepth:
    """A loaded model that turns pictures into metric depth.

    Attributes:
        model: Preset name or folder it was loaded from.
        device: `cuda`, `mps` or `cpu`.
        processing_resolution: Longer side of the network input, pixels; initially the model's
            training resolution, 0 = the picture's own.
    """

    def __init__(
        self, model: str, pipeline, load_estimator: Callable[[], MetricEstimator] | None = None
    ):
        self.model = model
        self.device = pipeline.device.type
        self.processing_resolution = pipeline.config.processing_resolution
        self._pipeline = pipeline
        self._load_estimator = load_estimator
        self._memory = Memory(pipeline, self.device)
        self._kept = KeptEstimates()

    @classmethod
    def load(cls, model="preview", device="auto", precision="auto", estimator=None) -> "SharpDepth":
        """Load a model onto a device.

        Args:
            model: Preset name or model folder. Without a `metric` folder in it and without an
                `estimator`, `infer` requires metric depth.
            device: `auto` (the first available of cuda, mps, cpu), or one of them by name.
            precision: Precision of the U-Net: `auto` (see `precision.choose_precision`), `fp32`,
                `fp16` or `bf16`; or `fast`, bfloat16 for the autoencoder too, on CPUs that have it.
            estimator: Name or folder of the metric depth model's weights, instead of the model's
                own. It is loaded when `infer` first needs it.

        Raises:
            EngineError: `unknown_model`, `weights_missing`, `device_missing`, `bad_request` or
                `out_of_memory`.
        """
        chosen = choose_device(device)
        dtype = choose_precision(precision, chosen)
        parts = find_model(model, estimator)
        with as_engine_error(chosen):
            pipeline = load_pipeline(parts, dtype).to(chosen)
            if precision == FAST and isinstance(getattr(pipeline, "vae", None), Autoencoder):
                pipeline.vae.halve()
        if parts.estimator is None:
            return cls(str(model), pipeline)
        return cls(str(model), pipeline, lambda: load_estimator(parts.estimator))

    def infer(
        self,
        rgb: np.ndarray,
        intrinsics: Intrinsics | tuple[float, float, float, float] | None = None,
        metric_depth: np.ndarray | None = None,
        seed: int = 0,
        progress: Callable[[Progress], None] | None = None,
        fit: str = "local",
        detail: str = "edges",
        metric_points: np.ndarray | None = None,
        ahead: bool = False,
    ) -> Result:
        """Compute metric depth with crisp edges for a picture.

        If memory runs out, it retries with the fallbacks of `memory.Memory`, one by one; each is
        reported as progress and noted in the result.

        Args:
            rgb: (H, W, 3), uint8 or float in 0..1.
            intrinsics: `Intrinsics` or (fx, fy, cx, cy) in pixels, with the top-left pixel center
                at (0.5, 0.5).
            metric_depth: Meters, (H, W), 0 = no measurement: sharpen this instead of an estimate.
                If it contains scattered points only and there is an estimator, they are used as
                `metric_points`.
            seed: Seed for the noise, which is the same on every device.
            progress: Called as each stage begins. An exception raised by it cancels the call and
                propagates.
            fit: `local`, or `global` as published; see `AlignedPipeline.__call__`.
            detail: `off`, `edges` or `tiles`, likewise.
            metric_points: (N, 3) as u, v in pixels, as for `intrinsics`, and z-depth in meters: the
                estimate is fitted to them. Not allowed with `metric_depth`.
            ahead: Stop at the metric depth, which `depth` is then, too. What the estimator says is
                kept for the next call with the same picture and camera, as by `KeptEstimates`.

        Raises:
            EngineError: `bad_image`, `bad_depth`, `bad_request`, `weights_missing` if there is
                neither a metric estimator nor `metric_depth`, or `out_of_memory`.
        """
        if metric_depth is None and self._load_estimator is None:
            raise EngineError(
                "weights_missing",
                f"The model {self.model} has no metric estimator, so it needs a metric depth map.",
            )
        rgb = check_picture(rgb)
        if intrinsics is not None:
            intrinsics = check_intrinsics(intrinsics, *rgb.shape[:2])
        notes = []
        if metric_depth is not None and metric_points is None and fit == "local":
            points = scattered_points(metric_depth, *rgb.shape[:2])
            if points is not None and self._has_estimator():
                metric_depth, metric_points = None, points
                notes.append(SCATTERED)
        options = {"fit": fit, "detail": detail, "metric_points": metric_points}

        def stages():
            if ahead:
                return {"metric_depth": 1}
            resolution = self._memory.resolution(*rgb.shape[:2], self.processing_resolution)
            return self._pipeline.stages(*rgb.shape[:2], resolution, fit, detail)

        clock = Clock(self.device, stages(), progress)
        while True:
            try:
                with as_engine_error(self.device):
                    result = self._infer(rgb, intrinsics, metric_depth, seed, clock, options, ahead)
                    return replace(result, notes=notes + result.notes)
            except EngineError as error:
                if error.kind != "out_of_memory":
                    raise
                full = EngineError(error.kind, error.message)
            # Outside the handler, so that the tensors of the failed try are freed.
            step = self._memory.next_fallback()
            if step is None:
                raise full
            clock.start_again(step, stages())

    def _has_estimator(self) -> bool:
        """Whether the model names one; its weights may be missing, which a map does not need."""
        try:
            return self._load_estimator is not None and self._estimator is not None
        except EngineError as error:
            if error.kind != "weights_missing":
                raise
            return False

    @cached_property
    def _estimator(self) -> MetricEstimator:
        return self._load_estimator()

    def _infer(self, rgb, intrinsics, metric_depth, seed, clock, options, ahead) -> Result:
        height, width = rgb.shape[:2]
        resolution = self._memory.resolution(height, width, self.processing_resolution)
        grid = self._pipeline.grid(height, width, resolution)
        estimator = None if metric_depth is not None else self._estimator
        notes: list[str] = []
        known_more = Findings()
        camera = intrinsics
        if camera is None and (estimator is None or not estimator.finds_intrinsics):
            camera = Intrinsics.from_fov(DEFAULT_FIELD_OF_VIEW, width, height)
            notes.append(
                "The camera is unknown; assumed a field of view of "
                f"{DEFAULT_FIELD_OF_VIEW:g} degrees across the longer side."
            )

        def estimate(picture):
            nonlocal camera, known_more
            # An assumed camera is only passed to networks that require one.
            known = camera if intrinsics or estimator.takes_intrinsics else None
            answer = self._kept.find(
                rgb,
                known,
                resolution,
                lambda: estimator.to(self.device).predict(
                    picture, known and grid.resize_intrinsics(known)
                ),
                keep=ahead,
            )
            if self._memory.offloading:
                estimator.to("cpu")
            if camera is None:
                camera = grid.restore_intrinsics(answer.intrinsics)
            notes.extend(answer.notes)
            if known is None and estimator.finds_intrinsics:
                answer = replace(answer, found=answer.intrinsics)
            known_more = Findings.of(answer, grid, picture_tensor(rgb)[0])
            notes.extend(known_more.notes)
            return answer.depth if answer.sky is None else bring_sky_near(answer.depth, answer.sky)

        def begin(stage, depth):
            if depth is None:
                clock.begin(stage)
            else:
                clock.begin(stage, depth if estimator is None else round_to_24_bits(depth), camera)

        if estimator is None and "_estimator" in vars(self):
            self._estimator.to("cpu")  # not needed for this picture
        source = metric_depth if estimator is None else estimate
        if ahead:
            clock.begin("metric_depth")
            image = grid.resize(picture_tensor(rgb))
            found = prepare(source, image, grid, self.device, options["metric_points"])
            output = without_difference(found.depth.copy(), found.depth, found.notes)
        else:
            output = self._pipeline(
                rgb,
                source,
                resolution,
                generator=torch.Generator().manual_seed(seed),
                on_stage=begin,
                **options,
            )
        clock.end()
        self._memory.rest()
        metric = output.metric_depth
        if estimator is not None:
            metric = round_to_24_bits(metric)
        is_given = estimator is None and np.array_equal(output.depth, metric)
        return Result(
            output.depth if is_given else round_to_24_bits(output.depth),
            metric,
            output.difference,
            output.scale,
            output.shift,
            camera,
            clock.seconds,
            clock.memory,
            notes + self._memory.notes + output.notes,
            known_more.sky,
            known_more.normals,
            known_more.holes,
            known_more.found,
        )
