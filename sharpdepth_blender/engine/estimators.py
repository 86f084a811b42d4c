"""Which class a folder with a metric depth model needs."""

import json
from pathlib import Path

from .errors import EngineError
from .metric import MetricEstimator


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
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if not isinstance(config, dict):
            raise ValueError("not an object")
    except (OSError, ValueError) as error:
        raise EngineError(
            "weights_missing", f"There is no metric depth model in {folder}: its config.json lacks."
        ) from error

    # Each kind brings libraries that take seconds to import, so only the one that is needed is.
    if config.get("_class_name") == "PreviewMetricModel":
        from .preview_metric import PreviewMetricModel
        from .weights import load_network

        return load_network(PreviewMetricModel, folder)
    if isinstance(config.get("model"), dict):
        from .unidepth import load_unidepth

        return load_unidepth(folder)
    from .transformers_metric import TransformersMetric

    return TransformersMetric.from_folder(folder)
