"""Metric depth models by their name or folder."""

from pathlib import Path

from ..library import WEIGHTS
from .errors import EngineError
from .metric import MetricEstimator
from .models import find_weights
from .weights import load_network, read_json


def load_estimator(name) -> MetricEstimator:
    """Load a metric depth model.

    Args:
        name: Of weights in the catalogue, which says how they are loaded; or a folder, whose
            `config.json` tells, in its `metric` folder if it has one.

    Raises:
        EngineError: `unknown_model`, when there is no such model or it is no metric estimator;
            `weights_missing`, when it is not installed or cannot be read.
    """
    weights = WEIGHTS.get(str(name))
    if weights and weights.loader is None:
        estimators = ", ".join(each.name for each in WEIGHTS.values() if each.loader)
        raise EngineError(
            "unknown_model",
            f"The weights {name} are no metric estimator; choose one of: {estimators}.",
        )
    folder = find_weights(str(name))
    if (folder / "metric").is_dir():
        folder = folder / "metric"
    return LOADERS[weights.loader if weights else _loader_of(folder)](folder)


# Each brings libraries that take seconds to import, so only the one that is needed is.


def _load_preview(folder: Path) -> MetricEstimator:
    from .preview_metric import PreviewMetricModel

    return load_network(PreviewMetricModel, folder)


def _load_unidepth(folder: Path) -> MetricEstimator:
    from .unidepth import load_unidepth

    return load_unidepth(folder)


def _load_transformers(folder: Path) -> MetricEstimator:
    from .transformers_metric import TransformersMetric

    return TransformersMetric.from_folder(folder)


LOADERS = {
    "preview": _load_preview,
    "unidepth": _load_unidepth,
    "transformers": _load_transformers,
}


def _loader_of(folder: Path) -> str:
    """The loader of a folder that no catalogue knows.

    Raises:
        EngineError: `weights_missing`, when its `config.json` cannot be read.
    """
    config = read_json(folder / "config.json")
    if config.get("_class_name") == "PreviewMetricModel":
        return "preview"
    return "unidepth" if isinstance(config.get("model"), dict) else "transformers"
