"""What `evaluate` refuses before it loads a model, and what it measures anew."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("skimage")

from training.config import load_config  # noqa: E402
from training.datasets import DatasetError, open_dataset  # noqa: E402
from training.evaluate import _subject, evaluate  # noqa: E402
from training.settings import ConfigError  # noqa: E402


@pytest.mark.parametrize(
    ("datasets", "error", "message"),
    [
        (["rendered:{0}", "rendered:{0}"], ConfigError, "lists the kind rendered twice"),
        (["pictures:{0}"], ConfigError, "no ground truth to evaluate against"),
        (["rendered"], ConfigError, "kind:folder"),
        ([], ConfigError, "both empty"),
        (["rendered:{0}/away"], DatasetError, "folder not found"),
        (["rendering:{0}"], DatasetError, "'rendering'; known kinds"),
    ],
)
def test_datasets_that_make_no_sense(small_config, datasets, error, message):
    config = small_config.config
    config.evaluate.split = ""
    frames = small_config.folder / "frames" / "test"
    config.evaluate.datasets = [entry.format(frames) for entry in datasets]
    with pytest.raises(error, match=message):
        evaluate(config)


def test_another_folder_seed_or_size_is_another_evaluation(small_config):
    config, frames = small_config.config, small_config.folder / "frames"
    first = _subject(config, open_dataset("rendered", frames / "test"))
    assert first == _subject(config, open_dataset("rendered", frames / "test"))
    assert first != _subject(config, open_dataset("rendered", frames / "validation"))
    for setting in ("evaluate.seed=1", "processing_resolution=96"):
        other = load_config(small_config.config_path, [*small_config.settings, setting])
        assert first != _subject(other, open_dataset("rendered", frames / "test"))
