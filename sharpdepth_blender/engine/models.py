"""Model lookup: from a name or folder to components and method."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..library import PRESETS, WEIGHTS, Library, LibraryError
from .errors import EngineError
from .weights import read_json

MONO = "da3mono"  # begins the model's name in the config of Depth Anything 3 Mono
REFINER = "prompt_depth_anything"  # model type in the config of a network that refines maps


@dataclass(frozen=True)
class Model:
    """Components of a model.

    Attributes:
        method: `sharpen`: G and f_D; `aligned`: f_G fitted to f_D; `metric`: f_D alone; `refine`:
            a network that refines a measured map.
        network: Folder of G, f_G or that network; None for `metric`.
        estimator: Folder or name of f_D; None if there is none.
    """

    method: Literal["sharpen", "aligned", "metric", "refine"]
    network: Path | None
    estimator: str | None


def find_model(model, estimator=None) -> Model:
    """Find the components of a preset or model folder.

    Args:
        model: Preset name or folder; a folder with a `metric` folder includes its own f_D.
        estimator: Name of weights, or folder, of another f_D.

    Raises:
        EngineError: `unknown_model`; `weights_missing` if the network is not installed;
            `bad_request` if it refines a map and an f_D is named. f_D is looked up when first
            needed, because users with metric depth do not need it.
    """
    if preset := PRESETS.get(str(model)):
        network = preset.network and find_weights(preset.network)
        if preset.method == "refine":
            return _refining(network, estimator)
        return Model(preset.method, network, str(estimator or preset.estimator))
    folder = Path(model)
    if not folder.is_dir():
        raise _unknown("model", folder, PRESETS)
    config = folder / "config.json"
    if config.is_file() and read_json(config).get("model_type") == REFINER:
        return _refining(folder, estimator)
    if estimator is None and (folder / "metric").is_dir():
        estimator = folder
    return Model("sharpen", folder, estimator and str(estimator))


def _refining(folder: Path, estimator) -> Model:
    if estimator is not None:
        raise EngineError(
            "bad_request", "This model refines a measured depth map; it takes no estimator."
        )
    return Model("refine", folder, None)


def find_weights(name: str, known: Iterable[str] = WEIGHTS) -> Path:
    """Return the folder of weights, given their name in the library or the folder itself.

    Args:
        name: Either of them.
        known: Names that are of use to whoever asks.

    Raises:
        EngineError: `unknown_model` or `weights_missing`.
    """
    if name not in known:
        if Path(name).is_dir():
            return Path(name)
        raise _unknown("weights", Path(name), known)
    try:
        return Library().find(WEIGHTS[name])
    except LibraryError as error:
        raise EngineError(error.kind, str(error)) from error


def load_pipeline(model: Model, dtype):
    """Load the pipeline of a model, on the CPU.

    Args:
        model: Result of `find_model`.
        dtype: torch type of the U-Net weights.

    Raises:
        EngineError: `weights_missing`.
    """
    if model.method == "metric":
        from .metric_only import MetricPipeline

        return MetricPipeline()
    if model.method == "refine":
        from .prompt_depth import PromptDepth
        from .refining import RefiningPipeline

        return RefiningPipeline(PromptDepth.from_folder(model.network))
    if model.method == "aligned":
        return load_aligned(model.network, dtype)
    from .pipeline import SharpDepthPipeline

    return SharpDepthPipeline.from_pretrained(model.network, dtype)


def load_aligned(folder, dtype):
    """Load Lotus-G, Marigold or Depth Anything 3 Mono from a local folder, on the CPU.

    Args:
        folder: A diffusers model, or that of Depth Anything 3; weights are read from safetensors
            only.
        dtype: torch type of the U-Net weights in memory, however they are stored.

    Returns:
        `LotusPipeline`, `MarigoldPipeline` or `MonoPipeline`.

    Raises:
        EngineError: `weights_missing`, if it is none of them, or a component is missing or cannot
            be read.
    """
    folder = Path(folder)
    config = folder / "config.json"
    if config.is_file() and str(read_json(config).get("model_name")).startswith(MONO):
        from .da3 import load_da3
        from .mono import MonoPipeline

        return MonoPipeline(load_da3(folder))
    if str(read_json(folder / "model_index.json").get("_class_name")).startswith("Marigold"):
        from .marigold import MarigoldPipeline

        return MarigoldPipeline.from_pretrained(folder, dtype)
    unet = read_json(folder / "unet" / "config.json")
    if unet.get("class_embed_type") != "projection":
        raise EngineError(
            "weights_missing",
            f"The model in {folder} is neither Marigold (see model_index.json) nor Lotus (no "
            "class_embed_type projection in its U-Net).",
        )
    if unet.get("in_channels") != 2 * unet.get("out_channels", 0):
        raise EngineError(
            "weights_missing",
            f"The U-Net in {folder} has no noise input; use Lotus-G instead of Lotus-D.",
        )
    from .lotus import LotusPipeline

    return LotusPipeline.from_pretrained(folder, dtype)


def _unknown(what: str, name: Path, known: Iterable[str]) -> EngineError:
    """Make the error for a name that nobody knows, or a folder that is not there, any more."""
    sentence = f"Unknown {what} {name}; choose one of: {', '.join(known)}; or a folder."
    if name.name != str(name):
        sentence = f"There is no folder {name}."
    return EngineError("unknown_model", sentence)
