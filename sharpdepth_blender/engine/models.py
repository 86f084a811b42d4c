"""What a user means by the name of a model: the folders and the way they are used."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..library import PRESETS, WEIGHTS, Library, LibraryError
from .errors import EngineError
from .weights import read_json


@dataclass(frozen=True)
class Model:
    """Where a model's parts lie.

    Attributes:
        method: `sharpen`: G and f_D; `aligned`: f_G fitted to f_D; `metric`: f_D alone.
        network: Folder of G or f_G; None for `metric`.
        estimator: Folder or name of f_D; None where there is none.
    """

    method: Literal["sharpen", "aligned", "metric"]
    network: Path | None
    estimator: str | None


def find_model(model, estimator=None) -> Model:
    """The parts of a preset or of a model folder.

    Args:
        model: Preset name or folder; one that has a `metric` folder brings its own f_D.
        estimator: Name of weights, or folder, of another f_D.

    Raises:
        EngineError: `unknown_model`, or `weights_missing` where G or f_G is not installed. f_D is
            looked for when it is first needed: a user who has metric depth needs none.
    """
    if preset := PRESETS.get(str(model)):
        network = preset.network and find_weights(preset.network)
        return Model(preset.method, network, str(estimator or preset.estimator))
    folder = Path(model)
    if not folder.is_dir():
        raise EngineError(
            "unknown_model",
            f"There is no model {model}; choose one of: {', '.join(PRESETS)}; or name a folder.",
        )
    if estimator is None and (folder / "metric").is_dir():
        estimator = folder
    return Model("sharpen", folder, estimator and str(estimator))


def find_weights(name: str) -> Path:
    """Folder of weights by their name in the library, or the folder that is named.

    Raises:
        EngineError: `unknown_model` or `weights_missing`.
    """
    if name not in WEIGHTS:
        if Path(name).is_dir():
            return Path(name)
        raise EngineError(
            "unknown_model",
            f"There are no weights {name}; choose one of: {', '.join(WEIGHTS)}; or name a folder.",
        )
    try:
        return Library().find(WEIGHTS[name])
    except LibraryError as error:
        raise EngineError(error.kind, str(error)) from error


def load_pipeline(model: Model, dtype):
    """The pipeline of a model, on the CPU.

    Args:
        model: From `find_model`.
        dtype: Of the U-Net's weights, a torch type.

    Raises:
        EngineError: `weights_missing`.
    """
    if model.method == "metric":
        from .metric_only import MetricPipeline

        return MetricPipeline()
    if model.method == "aligned":
        return load_aligned(model.network, dtype)
    from .pipeline import SharpDepthPipeline

    return SharpDepthPipeline.from_pretrained(model.network, dtype)


def load_aligned(folder, dtype):
    """Load Lotus-G or Marigold, whichever a local folder holds, on the CPU.

    Args:
        folder: A model of diffusers; weights are read from safetensors only.
        dtype: Of the U-Net's weights in memory, a torch type, however they are stored.

    Returns:
        `LotusPipeline` or `MarigoldPipeline`.

    Raises:
        EngineError: `weights_missing`, when it holds neither, or a part is not there or cannot be
            read.
    """
    folder = Path(folder)
    if str(read_json(folder / "model_index.json").get("_class_name")).startswith("Marigold"):
        from .marigold import MarigoldPipeline

        return MarigoldPipeline.from_pretrained(folder, dtype)
    unet = read_json(folder / "unet" / "config.json")
    if unet.get("class_embed_type") != "projection":
        raise EngineError(
            "weights_missing",
            f"The model in {folder} is no Marigold by its model_index.json and no Lotus by its "
            "U-Net, which has no class_embed_type projection.",
        )
    if unet.get("in_channels") != 2 * unet.get("out_channels", 0):
        raise EngineError(
            "weights_missing",
            f"The U-Net in {folder} has no input for noise beside the picture; "
            "of the Lotus models, Lotus-G is needed.",
        )
    from .lotus import LotusPipeline

    return LotusPipeline.from_pretrained(folder, dtype)
