"""Base class of pipelines that fit a network's relative depth to metric depth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from .alignment import Alignment, align, is_flat, keep
from .border import add_border, border_width, cut_border
from .components import Components
from .errors import EngineError
from .grid import Grid
from .inputs import check_picture, check_resolution, picture_tensor
from .local_alignment import LocalAlignment
from .method import vae_factor
from .metric_depth import eight_bits, prepare
from .tiles import Tiles, look_closer

FITS, DETAILS = ("local", "global"), ("off", "edges", "tiles")


@dataclass
class SharpDepthOutput:
    """Output of an `AlignedPipeline`; maps are (H, W) float32 at picture size.

    Attributes:
        depth: Sharpened z-depth, meters, finite and positive.
        metric_depth: The metric depth it was made from, meters, holes filled.
        difference: Disagreement of the two models, 0..1; zero if they were not compared.
        scale: `a` in `depth = a · prediction + b`, kept even if a guard rejected the fit.
        shift: `b`, meters.
        notes: One sentence per guard that acted; empty if none did.
        intermediates: With `intermediates=True`, every step of the method as numpy arrays.
    """

    depth: np.ndarray
    metric_depth: np.ndarray
    difference: np.ndarray
    scale: float
    shift: float
    notes: list[str]
    intermediates: dict[str, np.ndarray] | None = None


class AlignedPipeline(Components):
    """A diffusion model, or another network, whose relative depth is fitted to metric depth.

    The fit is least squares over the whole picture, as published, then per window, so that every
    region keeps the scale of the metric depth. `LotusPipeline` and `MarigoldPipeline` are the
    baselines, f_G aligned to f_D, and `MonoPipeline` their rival. `SharpDepthPipeline` fits where
    both models agree.

    Attributes:
        looks: Stage names of one pass over a picture, in order.
    """

    looks = ("encode_picture", "first_look", "decode")
    _first_looks = 1

    @property
    def factor(self) -> int:
        """Of what the sides of a picture for the network are multiples, pixels."""
        return vae_factor(self.vae)

    def grid(self, height: int, width: int, processing_resolution: int) -> Grid:
        """Return the resize and padding for a picture of this size."""
        resolution = check_resolution(processing_resolution)
        return Grid.fit(height, width, resolution, self.factor)

    def stages(
        self, height: int, width: int, processing_resolution: int, fit="local", detail="edges"
    ) -> dict[str, int]:
        """Return the stages of a call in order, with the maximum number of times each begins."""
        look = dict.fromkeys(self.looks, 1) | {"first_look": self._first_looks}
        stages = {"metric_depth": 1} | look | {"align": 1}
        if fit == "local":
            tiles = Tiles.over(self.grid(height, width, processing_resolution)).corners
            if detail == "tiles" and tiles:
                stages["tiles"] = len(tiles) * sum(look.values())
            stages["enlarge"] = 1
        return stages

    @torch.no_grad()
    def __call__(
        self,
        rgb: np.ndarray,
        metric_depth: Callable[[torch.Tensor], torch.Tensor] | np.ndarray,
        processing_resolution: int = 768,
        noise: tuple | None = None,
        generator: torch.Generator | None = None,
        intermediates: bool = False,
        on_stage: Callable[[str, np.ndarray | None], None] | None = None,
        fit: Literal["local", "global"] = "local",
        detail: Literal["off", "edges", "tiles"] = "edges",
        metric_points: np.ndarray | None = None,
    ) -> SharpDepthOutput:
        """Compute sharp metric depth for one picture.

        Args:
            rgb: (H, W, 3), uint8 or float in 0..1.
            metric_depth: A callable that takes the resized and padded picture, a float tensor
                (1, 3, h, w) of integers in 0..255, and returns meters at that size; or an array of
                meters, (H, W). 0 marks a hole in either.
            processing_resolution: Longer side of the network input, pixels; smaller pictures are
                upscaled. 0 keeps the picture's own size.
            noise: Noise tensors, each (1, C, h / factor, w / factor): two for SharpDepth (first
                pass, mix), one for the others.
            generator: Source of the noise if `noise` is None. A CPU generator gives the same noise
                on every device.
            intermediates: Also return every step of the method.
            on_stage: Called with the name as each of `stages` begins, and once with the metric
                depth (H, W) as soon as it exists. An exception raised by it aborts the call.
            fit: `local` keeps the scale of every region, and everything in a given map that is at
                least as sharp as the sharpener. `global` is exactly the published method: one
                linear fit for the whole picture, no border, bilinear upsampling.
            detail: For a local fit. `off` upsamples depth smoothly; `edges` makes depth edges as
                sharp as the full-size picture; `tiles` additionally runs the model on overlapping
                tiles first, if the picture is larger than the processing resolution.
            metric_points: (N, 3) as u, v in pixels of the picture and meters, to which the
                estimate is fitted; not allowed with an array of metric depth.

        Raises:
            EngineError: `bad_image`, `bad_depth` or `bad_request`.
        """
        if fit not in FITS or detail not in DETAILS:
            raise EngineError(
                "bad_request",
                f"The fit must be one of {', '.join(FITS)}, not {fit}, and the detail one of "
                f"{', '.join(DETAILS)}, not {detail}.",
            )
        begin = on_stage or (lambda stage, depth: None)
        picture = picture_tensor(check_picture(rgb))
        grid = self.grid(*picture.shape[2:], processing_resolution)

        begin("metric_depth", None)
        # Only the networks run on the device: resizing there gives different results or fails.
        image = grid.resize(picture)
        measurement = prepare(metric_depth, image, grid, self.device, metric_points)
        seen, metric = measurement.seen, measurement.depth
        notes = list(measurement.notes)
        steps = {
            "original_resolution": np.array([grid.height, grid.width]),
            "padding_hw": np.array([grid.pad_height, grid.pad_width]),
            "image_pre": image,
            "unidepth_input_int": eight_bits(image)[0],
            "unidepth_depth": seen,
            "unidepth_resized": metric,
        }

        begin("encode_picture", metric)
        local = fit == "local"

        def look(image, seen, begin=begin, steps=steps):
            border = border_width(*image.shape[2:], self.factor) if local else 0
            wide = (add_border(each, border) for each in (image, seen))
            found = self._predict(*wide, noise, generator, begin, steps, notes)
            return found and [cut_border(each.cpu(), border) for each in found]

        error = np.zeros_like(metric)
        if is_flat(seen):
            alignment = keep(metric, "The metric depth is constant")
        elif (found := look(image, seen)) is None:
            alignment = keep(metric, "The sharpener agrees with the metric depth everywhere")
        else:
            begin("align", None)
            prediction, error = found
            if local:
                alignment = self._align_locally(
                    prediction, error, measurement, picture, image, grid, detail, look, begin
                )
            error = grid.restore(error)[0, 0].numpy()
            if not local:
                prediction = grid.restore(prediction)[0, 0]
                alignment = align(prediction.numpy(), metric, error, measurement.measured)
                steps |= {
                    "final_pred_resized": prediction,
                    "l1_error_resized": error,
                    "valid_mask": alignment.valid,
                    "scale": np.array([alignment.scale], np.float32),
                    "shift": np.array([alignment.shift], np.float32),
                    "depth_np": alignment.scale * prediction + alignment.shift,
                }
        return SharpDepthOutput(
            depth=alignment.depth,
            metric_depth=metric,
            difference=np.nan_to_num(error, nan=1.0),
            scale=alignment.scale,
            shift=alignment.shift,
            notes=list(dict.fromkeys(notes + alignment.notes)),
            intermediates=_as_numpy(steps) if intermediates else None,
        )

    def _align_locally(
        self, prediction, error, measurement, picture, image, grid, detail, look, begin
    ) -> Alignment:
        edges = detail != "off"
        alignment = LocalAlignment(prediction, error, measurement, image, grid, edges)
        log = alignment.log
        if log is not None and detail == "tiles":

            def look_at_tile(image, seen):
                def tell(*_stage):
                    begin("tiles", None)

                tell()
                return look(image, seen, tell, {})

            log = look_closer(log, picture, grid, self.factor, look_at_tile)
        begin("enlarge", None)
        return alignment.finish(log, picture, edges)

    def _predict(self, image, seen, noise, generator, begin, steps, notes):
        """Predict relative depth and the difference of the two models.

        Args:
            image: The picture on the grid, (1, 3, h, w) in 0..1, on the CPU.
            seen: Metric depth on the grid, meters, (1, 1, h, w), on the CPU.
            noise: As passed to the call.
            generator: As passed to the call.
            begin: Called as each stage after `encode_picture` begins.
            steps: Dictionary to which every step of the method is added.
            notes: List to which sentences for the user are added.

        Returns:
            Two maps, float32 (1, 1, h, w) each; None if relative depth already equals the metric
            depth.
        """
        raise NotImplementedError


def draw_noise(latent, count: int, noise, generator) -> list[torch.Tensor]:
    """Return `count` noise tensors shaped like `latent`, drawn in float32 for any dtype.

    Raises:
        EngineError: `bad_request`, if `noise` is given with another shape or number.
    """
    if noise is None:
        noise = [torch.randn(latent.shape, generator=generator) for _ in range(count)]
    draws = [torch.as_tensor(draw).to(latent) for draw in noise]
    if [draw.shape for draw in draws] != [latent.shape] * count:
        raise EngineError(
            "bad_request",
            f"The noise must be {count} tensors of shape {tuple(latent.shape)}.",
        )
    return draws


def _as_numpy(steps: dict) -> dict[str, np.ndarray]:
    return {
        name: step.cpu().numpy() if isinstance(step, torch.Tensor) else step
        for name, step in steps.items()
    }
