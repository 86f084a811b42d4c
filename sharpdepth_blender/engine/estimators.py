"""Which class a folder with a metric depth model needs."""

from pathlib import Path

from .metric import MetricEstimator
from .weights import load_network, read_json


def load_estimator(folder: Path) -> MetricEstimator:
    """Load the metric depth model of a folder, told by its `config.json`.

    Args:
        folder: Of the bundled model's kind, UniDepth V1 or V2, or one of transformers' metric
            models; a `metric` folder in it comes first.

    Raises:
        EngineError: `weights_missing`, when there is no such model or it cannot be read.
    """
    if (folder / "metric").is_dir():
        folder = folder / "metric"
    config = read_json(folder / "config.json")
    # Each kind brings libraries that take seconds to import, so only the one that is needed is.
    if config.get("_class_name") == "PreviewMetricModel":
        from .preview_metric import PreviewMetricModel

        return load_network(PreviewMetricModel, folder)
    if isinstance(config.get("model"), dict):
        from .unidepth import load_unidepth

        return load_unidepth(folder)
    from .transformers_metric import TransformersMetric

    return TransformersMetric.from_folder(folder)
