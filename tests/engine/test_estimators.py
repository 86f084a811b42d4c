"""Which loader a metric estimator gets; what each loads is tested beside it."""

import json

import pytest

from sharpdepth_blender.engine import estimators
from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.estimators import LOADERS, load_estimator
from sharpdepth_blender.library import WEIGHTS

ESTIMATORS = [name for name, weights in WEIGHTS.items() if weights.loader]


@pytest.fixture
def chosen(monkeypatch):
    """Have each loader answer its own name and the folder it was given."""
    for name in LOADERS:
        monkeypatch.setitem(LOADERS, name, lambda folder, name=name: (name, folder))


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_catalogue_says_how_its_weights_are_loaded(chosen, monkeypatch, tmp_path, name):
    monkeypatch.setattr(estimators, "find_weights", lambda asked: tmp_path / asked)
    # There is no config.json to look into.
    assert load_estimator(name) == (WEIGHTS[name].loader, tmp_path / name)


@pytest.mark.parametrize("name", sorted(WEIGHTS.keys() - ESTIMATORS))
def test_weights_that_are_no_estimator_are_refused_before_anybody_downloads_them(name):
    with pytest.raises(
        EngineError, match="not a metric estimator; choose one of: preview"
    ) as error:
        load_estimator(name)
    assert error.value.kind == "unknown_model"


@pytest.mark.parametrize(
    ("config", "loader"),
    [
        ({"_class_name": "PreviewMetricModel"}, "preview"),
        ({"_class_name": "LiteMetricModel"}, "preview"),
        ({"model": {"name": "UniDepthV2"}}, "unidepth"),
        ({"encoder": {}, "points_head": {}}, "moge"),
        ({"model_name": "da3metric-large"}, "da3"),
        ({"model_type": "zoedepth"}, "transformers"),
        ({"model": "base"}, "transformers"),
    ],
)
@pytest.mark.parametrize("inside", [".", "metric"])
def test_a_folder_of_the_user_is_told_by_its_config(chosen, tmp_path, config, loader, inside):
    folder = tmp_path / inside
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    assert load_estimator(tmp_path) == (loader, folder)


def test_a_folder_without_a_config_is_an_error(tmp_path):
    with pytest.raises(EngineError, match=r"config\.json") as error:
        load_estimator(tmp_path)
    assert error.value.kind == "weights_missing"
