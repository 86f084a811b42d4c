"""Pipeline that has a network refine a measured map, in place of sharpening it."""

import torch

from .aligned import SharpDepthOutput
from .alignment import is_flat, keep
from .enlarge import enlarge, enlarge_smoothly
from .errors import EngineError
from .inputs import check_picture, picture_tensor
from .measured_fit import noise_of, tell_change
from .metric_depth import eight_bits, prepare
from .metric_only import MetricPipeline, without_difference
from .prompt_depth import PromptDepth, make_prompt

NEAREST = 0.1  # of the nearest measurement; the network answers nothing nearer


class RefiningPipeline(MetricPipeline):
    """Refines measured depth, with the interface of the sharpening pipelines.

    Args:
        refiner: The network.
    """

    def __init__(self, refiner: PromptDepth):
        super().__init__()
        self._refiner = refiner

    def to(self, device) -> "RefiningPipeline":
        """Run the network on a device."""
        self._refiner.to(device)
        super().to(device)
        return self

    def stages(self, *_unused) -> dict[str, int]:
        """See `AlignedPipeline.stages`."""
        return dict.fromkeys(("metric_depth", "refine", "enlarge"), 1)

    def __call__(
        self,
        rgb,
        metric_depth,
        processing_resolution=0,
        *,
        on_stage=None,
        detail="edges",
        metric_points=None,
        **_unused,
    ) -> SharpDepthOutput:
        """See `SharpDepthPipeline.__call__`; `difference` is zero.

        Raises:
            EngineError: Also `bad_request`, if the metric depth is not a map.
        """
        if callable(metric_depth):
            raise EngineError(
                "bad_request", "This model refines a measured depth map, so it needs one."
            )
        begin = on_stage or (lambda stage, depth: None)
        begin("metric_depth", None)
        picture = picture_tensor(check_picture(rgb))
        grid = self.grid(*picture.shape[2:], processing_resolution)
        image = grid.resize(picture)
        measurement = prepare(metric_depth, image, grid, self.device, metric_points)
        depth, measured = measurement.depth, measurement.measured
        begin("refine", depth)
        prompt = make_prompt(*(torch.from_numpy(each)[None, None] for each in (depth, measured)))
        if is_flat(prompt):
            kept = keep(depth, "The measured depth is constant")
            return without_difference(kept.depth, depth, measurement.notes + kept.notes)
        answer = self._refiner.refine(eight_bits(image), prompt)[0, 0]
        begin("enlarge", None)
        log = answer.clamp_min(NEAREST * float(prompt.min())).log()
        edges = detail != "off"
        log = enlarge(log, picture[0]) if edges else enlarge_smoothly(log, picture.shape[2:])
        noise = noise_of(torch.from_numpy(depth).log(), torch.from_numpy(measured))
        told = tell_change(log, depth, measured, noise, "Refining")
        notes = measurement.notes + ([told] if told else [])
        return without_difference(log.exp().numpy(), depth, notes)
