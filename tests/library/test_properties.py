"""The catalogue says what is true of every model, and the document says the same."""

import re

import pytest

from docs.model_tables import DOCUMENT, tables, with_tables
from sharpdepth_blender.library import LICENSES, MEASURED, PRESETS, USES, WEIGHTS
from sharpdepth_blender.library.catalogue import CAMERAS
from sharpdepth_blender.library.properties import abilities, cost, licenses, proposal

ESTIMATORS = {name: each for name, each in WEIGHTS.items() if each.loader}


def test_the_tables_of_the_document_are_those_of_the_catalogue():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == with_tables(text), "make them anew: python docs/model_tables.py"
    for name in [*PRESETS, *WEIGHTS]:
        assert f"| `{name}` |" in text
    assert all(len(set(map(columns, table.splitlines()))) == 1 for table in tables().values())


def columns(line):
    return line.count("|")


def test_every_license_is_told_in_plain_words():
    assert {each.license for each in WEIGHTS.values()} <= LICENSES.keys()
    for weights in WEIGHTS.values():
        words = LICENSES[weights.license]
        forbids = "not for commercial" in words
        assert forbids is not weights.commercial, weights.name


def test_every_estimator_says_what_it_gives():
    for name, weights in WEIGHTS.items():
        assert (weights.camera in CAMERAS) is (name in ESTIMATORS), name
        assert set(weights.gives) <= {"sky", "normals", "lens"}
        assert bool(abilities(weights)) is (name in ESTIMATORS)
    assert abilities(WEIGHTS["da3-metric-large"]) == ("finds sky; a known camera scales the depth")


def test_published_figures_have_a_source():
    for each in [*WEIGHTS.values(), *PRESETS.values()]:
        assert not each.figures or re.search(r"\((README|release) of [\w ]+\)$", each.figures)


def test_what_was_measured_is_of_models_that_exist():
    assert MEASURED.keys() <= PRESETS.keys() | WEIGHTS.keys()
    assert all(each.seconds > 0 and each.memory > 2**20 for each in MEASURED.values())
    assert "768 px" in cost("preview") and "not measured" in cost("no such model")


def test_every_use_proposes_what_exists_and_permits_commercial_work():
    for use in USES.values():
        assert use.preset in PRESETS and (use.estimator is None or use.estimator in ESTIMATORS)
        assert all(weights.commercial for weights in use.weights), use.name
        assert proposal(use).startswith(use.preset) and use.reason in proposal(use)
    assert [each.name for each in USES["map"].weights] == ["sharpdepth-v1.0"]
    shot = PRESETS[USES["shot"].preset]
    assert shot.video and "sky" in WEIGHTS[shot.estimator].gives


@pytest.mark.parametrize("loader", ["unidepth", "moge", "da3", "preview", "transformers"])
def test_the_networks_do_what_the_catalogue_says_of_the_camera(loader):
    pytest.importorskip("torch")
    from sharpdepth_blender.engine.da3.network import DepthAnything3
    from sharpdepth_blender.engine.lite_metric import LiteMetricModel
    from sharpdepth_blender.engine.moge.network import MoGe2
    from sharpdepth_blender.engine.transformers_metric import DepthPro, TransformersMetric
    from sharpdepth_blender.engine.unidepth.v1 import UniDepthV1
    from sharpdepth_blender.engine.unidepth.v2 import UniDepthV2

    kinds = {"unidepth": (UniDepthV1, UniDepthV2), "moge": (MoGe2,), "da3": (DepthAnything3,),
             "preview": (LiteMetricModel,)}  # fmt: skip
    for name, weights in ESTIMATORS.items():
        if weights.loader != loader:
            continue
        own = (DepthPro,) if name == "depth-pro" else (TransformersMetric,)
        for kind in kinds.get(loader, own):
            assert kind.finds_intrinsics is ("lens" in weights.gives), name
            if loader not in ("da3", "transformers"):
                assert kind.takes_intrinsics is (weights.camera != "ignored"), name


def test_every_cell_of_the_tables_says_something():
    for table in tables().values():
        for line in table.splitlines():
            cells = [each.strip() for each in line.strip("|").split("|")]
            assert all(len(each) > 1 for each in cells), line


def test_one_preset_is_recommended_everywhere_with_the_license_of_each_part():
    (preset,) = [each for each in PRESETS.values() if "recommended" in each.purpose]
    assert USES["photograph"].preset == preset.name
    assert all(each.commercial for each in preset.weights)
    readme = " ".join(DOCUMENT.parents[1].joinpath("README.md").read_text("utf-8").split())
    assert f"models get {preset.name}" in readme
    assert licenses(preset) in DOCUMENT.read_text("utf-8")
    for each in preset.weights:
        assert f"{each.name} under {each.license}" in readme
        assert f"{each.name} ({each.license})" in licenses(preset)
