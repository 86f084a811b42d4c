"""Loading metric depth models by name or folder."""

from pathlib import Path

from ..library import WEIGHTS
from .errors import EngineError
from .metric import MetricEstimator
from .models import find_weights
from .weights import load_network, read_json

LITE = "LiteMetricModel"  # class name in the config of models that find the sky


def load_estimator(name) -> MetricEstimator:
    """Load a metric depth model.

    Args:
        name: Name of weights in the catalogue, which specifies the loader; or a folder (or one
            with a `metric` folder in it), whose `config.json` does.

    Raises:
        EngineError: `unknown_model`, if the model does not exist or is not a metric estimator;
            `weights_missing`, if it is not installed or cannot be read.
    """
    weights = WEIGHTS.get(str(name))
    if weights and weights.loader is None:
        estimators = ", ".join(each.name for each in WEIGHTS.values() if each.loader)
        raise EngineError(
            "unknown_model",
            f"The weights {name} are not a metric estimator; choose one of: {estimators}.",
        )
    folder = find_weights(str(name))
    if (folder / "metric").is_dir():
        folder = folder / "metric"
    return LOADERS[weights.loader if weights else _loader_of(folder)](folder)


# Each loader imports libraries that take seconds, so only the one needed is imported.


def _load_preview(folder: Path) -> MetricEstimator:
    from .lite_metric import LiteMetricModel
    from .preview_metric import PreviewMetricModel

    named = read_json(folder / "config.json").get("_class_name")
    return load_network(LiteMetricModel if named == LITE else PreviewMetricModel, folder)


def _load_unidepth(folder: Path) -> MetricEstimator:
    from .unidepth import load_unidepth

    return load_unidepth(folder)


def _load_moge(folder: Path) -> MetricEstimator:
    from .moge import load_moge

    return load_moge(folder)


def _load_da3(folder: Path) -> MetricEstimator:
    from .da3 import load_da3

    return load_da3(folder)


def _load_transformers(folder: Path) -> MetricEstimator:
    from .transformers_metric import TransformersMetric

    return TransformersMetric.from_folder(folder)


LOADERS = {
    "preview": _load_preview,
    "unidepth": _load_unidepth,
    "moge": _load_moge,
    "da3": _load_da3,
    "transformers": _load_transformers,
}


def _convert_moge(path: Path, folder: Path) -> None:
    from .moge import convert_pickle

    convert_pickle(path, folder)


def _convert_video_depth(path: Path, folder: Path) -> None:
    from .video_depth import convert_pickle

    convert_pickle(path, folder)


# What makes the files of weights of the pickle that they are published as, by their `converter`.
CONVERTERS = {"moge": _convert_moge, "video_depth": _convert_video_depth}


def _loader_of(folder: Path) -> str:
    """Return the loader for a folder that is not in the catalogue.

    Raises:
        EngineError: `weights_missing`, if its `config.json` cannot be read.
    """
    config = read_json(folder / "config.json")
    if config.get("_class_name") in (LITE, "PreviewMetricModel"):
        return "preview"
    if "points_head" in config:
        return "moge"
    if str(config.get("model_name", "")).startswith("da3"):
        return "da3"
    return "unidepth" if isinstance(config.get("model"), dict) else "transformers"
