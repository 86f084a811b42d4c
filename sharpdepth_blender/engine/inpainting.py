"""Inpainting: a diffusion model invents what is behind things in a picture.

That of the catalogue, or any folder of diffusers whose pipeline takes a picture and a mask, or has
such a sister. Windows of the picture about its holes are shown to it, with nothing in them but what
is known and its smooth continuation; of its answer only the pixels of the holes are used.
"""

import inspect
from collections.abc import Callable
from pathlib import Path

import diffusers
import numpy as np
import torch
import torch.nn.functional as F
import transformers
from diffusers import AutoPipelineForInpainting

from ..geometry.fill import hole_windows, match_rim
from ..geometry.inpaint import continue_values
from ..geometry.windows import near_to
from ..library import INPAINTER
from .device import as_engine_error, choose_device
from .errors import EngineError, reason_of
from .models import find_weights
from .precision import choose_precision
from .weights import load_network, read_json

# What a pipeline must take to be of use.
_NEEDED = {"image", "mask_image", "num_inference_steps", "generator"}
# Sides of the pictures that a model was trained with, where its config does not tell.
_USUAL_SIZE = 1024
# A hole is cut into parts whose longer side is at most so many times that size; with what is about
# it the model sees a part reduced.
_LARGEST_PART = 1.125
# Pixels about a hole by which the answer is matched with the picture.
_RIM = 4

Progress = Callable[[float, str], None]


class Inpainter:
    """An inpainting model.

    Args:
        pipeline: Of diffusers.
        device: `cuda`, `mps` or `cpu`.

    Attributes:
        device: Likewise.
    """

    def __init__(self, pipeline, device: str):
        pipeline.set_progress_bar_config(disable=True)
        self._pipeline = pipeline.to(device)
        self._takes = set(inspect.signature(pipeline.__call__).parameters)
        self.device = device

    @classmethod
    def load(cls, model, device: str = "auto", precision: str = "auto") -> "Inpainter":
        """Load a local folder; only safetensors, and only networks of the two libraries.

        Args:
            model: Name of weights, or a folder in the format of diffusers, with `model_index.json`.
            device: `auto`, `cuda`, `mps` or `cpu`.
            precision: `auto`, `fp32`, `fp16` or `bf16`.

        Raises:
            EngineError: `unknown_model`, if it is no inpainting model; `weights_missing`, if a part
                is missing or cannot be read; `bad_request` or `device_missing`.
        """
        device = choose_device(device)
        dtype = choose_precision(precision, device)
        folder = find_weights(str(model), [INPAINTER.name])
        index = read_json(folder / "model_index.json")
        with as_engine_error(device):
            parts = {
                name: _load_part(folder, name, entry, dtype)
                for name, entry in index.items()
                if isinstance(entry, list) and len(entry) == 2
            }
            parts = {name: part for name, part in parts.items() if part is not _OTHER}
            return cls(_load_pipeline(folder, index, parts, dtype), device)

    def fill(
        self,
        values: np.ndarray,
        known: np.ndarray,
        hole: np.ndarray,
        *,
        prompt: str = "",
        steps: int = 30,
        seed: int = 0,
        progress: Progress = lambda fraction, message: None,
    ) -> tuple[np.ndarray, list[str]]:
        """Fill a hole.

        Args:
            values: (3, H, W) float32 sRGB in 0..1.
            known: (H, W) bool, pixels that the model is shown.
            hole: (H, W) bool, pixels to fill.
            prompt: What is to be there, in words; nothing by default.
            steps: Denoising steps, at least 1.
            seed: Of the noise.
            progress: Called with a fraction and a sentence; what it raises ends the work.

        Returns:
            (values, notes): (3, H, W) float32, filled in the hole, elsewhere as it was; a sentence
            for everything that was not done as one would expect.

        Raises:
            EngineError: `out_of_memory`, or `bad_request` if the model cannot work on this.
        """
        if steps < 1:
            raise EngineError("bad_request", f"A model needs 1 or more steps, not {steps}.")
        if not hole.any():
            return values.copy(), []
        size, multiple = self._size, self._multiple
        windows = hole_windows(hole, int(_LARGEST_PART * size), size, multiple)
        canvas = continue_values(values, known).clip(0, 1)
        settled, least = known.copy(), 1.0
        for number, (rows, columns) in enumerate(windows):

            def tell(step, number=number):
                message = f"Filling part {number + 1} of {len(windows)}"
                progress((number + min(step / steps, 1)) / len(windows), message)

            here = slice(None), rows, columns
            part = hole[rows, columns] & ~settled[rows, columns]
            if not part.any():
                continue
            scale = min(1.0, size / max(part.shape))
            least = min(least, scale)
            tell(0)
            answer = self._ask(canvas[here], part, scale, prompt, steps, seed + number, tell)
            rim = settled[rows, columns] & near_to(part, _RIM)
            matched = match_rim(answer, canvas[here], rim).clip(0, 1)
            canvas[here] = np.where(part, matched, canvas[here])
            settled[rows, columns] |= part
        progress(1.0, "Filled")
        notes = []
        if least < 1:
            notes.append(
                f"The model works at {size} pixels, so what it filled has {least:.0%} of the "
                "picture's resolution."
            )
        return np.where(hole, canvas, values).astype(np.float32), notes

    @property
    def _size(self) -> int:
        """Sides of the pictures that the model was trained with, in pixels."""
        unet = getattr(self._pipeline, "unet", None)
        sample = getattr(getattr(unet, "config", None), "sample_size", None)
        cell = int(getattr(self._pipeline, "vae_scale_factor", 8))
        return max(sample * cell, self._multiple) if isinstance(sample, int) else _USUAL_SIZE

    @property
    def _multiple(self) -> int:
        """Of which sides are multiples: pixels of a cell of its latents, 8 at least."""
        return max(8, int(getattr(self._pipeline, "vae_scale_factor", 8)))

    def _ask(self, picture, hole, scale, prompt, steps, seed, tell) -> np.ndarray:
        """The model's answer for a window, (3, h, w) float32 in 0..1."""
        height, width = hole.shape
        multiple = self._multiple
        sides = [max(round(side * scale / multiple), 1) * multiple for side in (height, width)]
        shown = _resized(torch.from_numpy(np.ascontiguousarray(picture))[None], sides)
        # A cell of the latents is the model's to fill if a single pixel of it is.
        cells = [side // multiple for side in sides]
        mask = F.adaptive_max_pool2d(torch.from_numpy(hole.astype(np.float32))[None, None], cells)
        mask = mask.repeat_interleave(multiple, 2).repeat_interleave(multiple, 3)

        def on_step(pipeline, step, timestep, tensors):
            tell(step + 1)
            return tensors

        more = {
            "height": sides[0],
            "width": sides[1],
            "callback_on_step_end": on_step,
            "strength": 1.0,
            # Without words there is nothing to be guided to, at twice the cost.
            **({} if prompt else {"guidance_scale": 1.0}),
        }
        more = {name: value for name, value in more.items() if name in self._takes}
        try:
            with as_engine_error(self.device), torch.no_grad():
                answer = self._pipeline(
                    prompt=prompt,
                    image=shown.clamp(0, 1),
                    mask_image=mask,
                    num_inference_steps=steps,
                    generator=torch.Generator().manual_seed(seed),
                    output_type="pt",
                    **more,
                ).images
        except (ValueError, TypeError) as error:
            raise EngineError(
                "bad_request", f"The model cannot fill this: {reason_of(error)}."
            ) from error
        answer = _resized(answer.float().cpu(), (height, width))[0].clamp(0, 1)
        if not torch.isfinite(answer).all():
            raise EngineError(
                "bad_request", "The model's answer is no picture; choose the precision fp32."
            )
        return answer.numpy()


_OTHER = object()  # a part that is no network


def _resized(values: torch.Tensor, sides) -> torch.Tensor:
    if list(values.shape[2:]) == list(sides):
        return values
    return F.interpolate(values, tuple(sides), mode="bilinear", antialias=True)


def _load_part(folder: Path, name: str, entry: list, dtype: torch.dtype):
    """A network of a pipeline's folder, None for one that it goes without, `_OTHER` for others."""
    library, kind = entry
    if kind is None or name == "safety_checker":
        return None
    modules = {"diffusers": diffusers, "transformers": transformers}
    found = getattr(modules.get(library), kind, None)
    if found is None and library != "stable_diffusion":
        raise EngineError(
            "unknown_model", f"The model in {folder} needs {library} {kind}, which is not here."
        )
    is_network = isinstance(found, type) and issubclass(found, torch.nn.Module)
    return load_network(found, folder / name, dtype) if is_network else _OTHER


def _load_pipeline(folder: Path, index: dict, parts: dict, dtype: torch.dtype):
    kind = getattr(diffusers, str(index.get("_class_name")), None)
    takes_mask = kind is not None and _NEEDED <= set(inspect.signature(kind.__call__).parameters)
    loader = kind if takes_mask else AutoPipelineForInpainting
    try:
        pipeline = loader.from_pretrained(
            folder, **parts, torch_dtype=dtype, use_safetensors=True, local_files_only=True
        )
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EngineError(
            "unknown_model", f"The model in {folder} cannot fill pictures: {reason_of(error)}."
        ) from error
    return pipeline
