"""Metric depth models from transformers: Depth Anything V2 Metric, ZoeDepth and Depth Pro."""

from collections.abc import Sequence
from math import atan, degrees, radians, sqrt, tan
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import (
    AutoModelForDepthEstimation,
    DPTImageProcessorPil,
    ZoeDepthImageProcessorPil,
)

from ..geometry import Intrinsics
from .errors import EngineError
from .metric import MetricEstimate
from .weights import load_network, read_json

SIDES = ("height", "width")


class TransformersMetric:
    """A metric depth model from transformers, loaded from a local folder.

    Depth is z-depth in meters. None of these networks takes intrinsics. Depth Anything and ZoeDepth
    learned the scale for their training cameras and define no correction for others, so their depth
    is left unchanged, with a note; Depth Pro defines one.

    Pictures are preprocessed with the Pillow backend of transformers, so that results do not depend
    on whether torchvision is installed.

    Args:
        network: The model.
        settings: Content of the folder's `preprocessor_config.json`.

    Attributes:
        name: Name of the model for the user.
        needs: Required settings, `height` and `width` those of its size.
    """

    takes_intrinsics = False
    finds_intrinsics = False
    name: str
    needs = (*SIDES, "image_mean", "image_std", "keep_aspect_ratio", "ensure_multiple_of")

    def __init__(self, network, settings: dict):
        self.network = network

    @staticmethod
    def from_folder(folder: Path, dtype: torch.dtype = torch.float32) -> "TransformersMetric":
        """Load the model of a folder.

        Args:
            folder: Contains `config.json`, `preprocessor_config.json` and `model.safetensors`.
            dtype: Type of the network; postprocessing is in float32.

        Raises:
            EngineError: `weights_missing`, if a file is missing or cannot be read, or the model is
                of an unknown type or does not predict meters.
        """
        folder = Path(folder)
        config = read_json(folder / "config.json")
        kind = KINDS.get(config.get("model_type"))
        if kind is None:
            raise EngineError(
                "weights_missing",
                f"The model in {folder} has the type {config.get('model_type')}, not one of: "
                f"{', '.join(KINDS)}.",
            )
        if fault := kind.fault(config):
            raise EngineError("weights_missing", f"The {kind.name} model in {folder} {fault}.")
        settings = read_settings(folder, kind.needs)
        return kind(load_network(AutoModelForDepthEstimation, folder, dtype), settings)

    @staticmethod
    def fault(config: dict) -> str | None:
        """Return why this config gives no meters, as the end of a sentence; None if it does."""

    def to(self, device) -> "TransformersMetric":
        """Move the network to a device."""
        self.network.to(device)
        return self

    @torch.no_grad()
    def predict(
        self, picture: torch.Tensor, intrinsics: Intrinsics | None = None
    ) -> MetricEstimate:
        """Estimate metric depth of one picture of any size.

        Args:
            picture: (1, 3, h, w) float, integers in 0..255.
            intrinsics: Intrinsics of the picture, if known.

        Returns:
            z-depth (1, 1, h, w) in meters, float32, within the range of the network's output, and
            the intrinsics as given.
        """
        notes = []
        if intrinsics is not None:
            notes.append(
                f"{self.name} cannot use camera intrinsics: the known camera was ignored in its "
                "estimate."
            )
        return MetricEstimate(self._estimate(picture), intrinsics, notes=notes)

    def _estimate(self, picture) -> torch.Tensor:
        raise NotImplementedError

    def _look(self, pixels) -> torch.Tensor:
        """Run the network on a batch; return depth, (B, 1, h, w) float32."""
        pixels = pixels.to(self.network.device, self.network.dtype)
        return self.network(pixel_values=pixels).predicted_depth.float()[:, None]


class DepthAnything(TransformersMetric):
    """Depth Anything V2 Metric, indoor or outdoor (Yang et al., NeurIPS 2024)."""

    name = "Depth Anything"

    def __init__(self, network, settings):
        super().__init__(network, settings)
        self.processor = DPTImageProcessorPil(**settings)

    @staticmethod
    def fault(config):
        """See `TransformersMetric.fault`: most Depth Anything models predict relative depth."""
        if config.get("depth_estimation_type", "relative") != "metric":
            return "predicts relative depth, not meters; use a Depth Anything V2 Metric model"
        if config.get("max_depth") is None:
            return "lacks max_depth, its maximum depth"
        return None

    def _estimate(self, picture):
        pixels = prepare(self.processor, picture, picture.shape[2:])
        return _resize(self._look(pixels), picture.shape[2:])


class ZoeDepth(TransformersMetric):
    """ZoeDepth (Bhat et al., arXiv 2302.12288), with one head or the two of the NK model.

    As in the authors' inference code, the picture is padded by reflection against border artifacts,
    and depth is averaged over the picture and its mirror image. Both are in one batch, so that they
    use the same head.
    """

    name = "ZoeDepth"

    def __init__(self, network, settings):
        super().__init__(network, settings)
        self.processor = ZoeDepthImageProcessorPil(**settings)

    def _estimate(self, picture):
        height, width = picture.shape[2:]
        down = across = 0
        if self.processor.do_pad:
            down, across = (int(sqrt(side / 2) * 3) for side in (height, width))
        padded = (height + 2 * down, width + 2 * across)
        pixels = prepare(self.processor, picture, padded)
        depth, mirrored = self._look(torch.cat([pixels, pixels.flip(3)])).split(1)
        depth = _resize((depth + mirrored.flip(3)) / 2, padded)
        return depth[:, :, down : down + height, across : across + width]


class DepthPro(TransformersMetric):
    """Depth Pro (Bochkovskii et al., ICLR 2025), which also estimates the focal length.

    It predicts canonical inverse depth C: depth is `fx / (w C)` for a picture w pixels wide, with
    the estimated focal length or, by the same definition, with the known one. The picture is
    stretched to a square for the network and its field of view is the horizontal one, so of given
    intrinsics only fx is used; fy, however different, and the principal point are not. Estimated
    intrinsics have square pixels and a centered principal point.
    """

    finds_intrinsics = True
    name = "Depth Pro"
    needs = (*SIDES, "image_mean", "image_std", "rescale_factor")

    def __init__(self, network, settings):
        super().__init__(network, settings)
        self.size = settings["size"]["height"], settings["size"]["width"]
        self.rescale_factor = settings["rescale_factor"]
        self.mean, self.deviation = (
            torch.tensor(settings[key]).view(3, 1, 1) for key in ("image_mean", "image_std")
        )

    @staticmethod
    def fault(config):
        """See `TransformersMetric.fault`: without a focal length there are no meters."""
        if not config.get("use_fov_model"):
            return "cannot estimate the field of view, because use_fov_model is not set"
        return None

    @torch.no_grad()
    def predict(self, picture, intrinsics=None):
        """See `TransformersMetric.predict`; depth is from 0.1 mm to 10 km, as in the release.

        Raises:
            EngineError: `bad_depth`, if no intrinsics are given and the estimated ones are invalid.
        """
        height, width = picture.shape[2:]
        colors = picture * self.rescale_factor
        colors = (colors - self.mean.to(picture)) / self.deviation.to(picture)
        # Not antialiased, as in the release and in training.
        pixels = F.interpolate(colors, self.size, mode="bilinear").to(self.network.dtype)
        answer = self.network(pixel_values=pixels)
        found = float(answer.field_of_view)
        notes, lens = [], None
        if 0 < found < 180:
            focal = width / 2 / tan(radians(found) / 2)
            lens = Intrinsics(focal, focal, width / 2, height / 2, width, height)
        if intrinsics is not None:
            known = degrees(2 * atan(width / 2 / intrinsics.fx))
            notes.append(
                "Depth Pro's depth was scaled to the known horizontal field of view of "
                f"{known:.1f} degrees instead of its estimate of {found:.1f} degrees."
            )
        elif lens is None:
            raise EngineError(
                "bad_depth",
                f"Depth Pro estimated an impossible field of view of {found:.1f} degrees; "
                "specify the camera.",
            )
        intrinsics = intrinsics or lens
        inverse = answer.predicted_depth.float()[:, None] * (width / intrinsics.fx)
        inverse = F.interpolate(inverse, (height, width), mode="bilinear")
        depth = 1 / inverse.clamp(1e-4, 1e4)
        return MetricEstimate(depth, intrinsics, found=lens, notes=notes)


KINDS = {"depth_anything": DepthAnything, "zoedepth": ZoeDepth, "depth_pro": DepthPro}


def read_settings(folder: Path, needs: Sequence[str]) -> dict:
    """Read the `preprocessor_config.json` of a folder.

    Args:
        folder: Folder of the model.
        needs: Required settings, `height` and `width` those of its size.

    Raises:
        EngineError: `weights_missing`, if it cannot be read or one is missing.
    """
    settings = read_json(folder / "preprocessor_config.json")
    size = settings.get("size")
    said = {key for key, value in settings.items() if value is not None}
    said |= size.keys() if isinstance(size, dict) else set()
    if absent := sorted({*needs} - said):
        raise EngineError(
            "weights_missing",
            f"{folder / 'preprocessor_config.json'} lacks: {', '.join(absent)}.",
        )
    return settings


def prepare(processor, picture: torch.Tensor, shape) -> torch.Tensor:
    """Preprocess a picture for the network, (1, 3, h, w), with transformers' image processor.

    The size is the processor's, except that no side is shorter than one multiple: it would round
    the short side of a very long picture to zero.

    Args:
        processor: Image processor with `size`, `keep_aspect_ratio` and `ensure_multiple_of`.
        picture: (1, 3, h, w), integers in 0..255.
        shape: (height, width) before resizing, after any padding by the processor.
    """
    scales = [processor.size[side] / pixels for side, pixels in zip(SIDES, shape, strict=True)]
    if processor.keep_aspect_ratio:
        scales = [min(scales, key=lambda scale: abs(1 - scale))] * 2
    multiple = processor.ensure_multiple_of
    size = {
        side: max(1, round(scale * pixels / multiple)) * multiple
        for side, scale, pixels in zip(SIDES, scales, shape, strict=True)
    }
    return processor(
        picture[0].to("cpu", torch.uint8).numpy(),
        size=size,
        keep_aspect_ratio=False,
        input_data_format="channels_first",
        return_tensors="pt",
    ).pixel_values


def _resize(depth: torch.Tensor, size) -> torch.Tensor:
    """Resize bicubically as in transformers, and clip overshoot at edges, which may be negative."""
    low, high = depth.min(), depth.max()
    return F.interpolate(depth, tuple(size), mode="bicubic").clamp(low, high)
