import re

import pytest

from sharpdepth_blender.library import PRESETS, WEIGHTS, Bundled, Hub, Release
from sharpdepth_blender.library.contents import is_allowed


def test_every_preset_of_the_design_is_there():
    assert list(PRESETS) == [
        "preview", "sharpdepth-moge", "sharpdepth-video", "sharpdepth", "sharpdepth-v2",
        "sharpdepth-open", "lotus-aligned", "marigold-aligned", "da3-aligned", "metric",
        "metric-video", "prompt-depth-anything", "prompt-depth-anything-large",
    ]  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_presets_name_weights_that_there_are(preset):
    assert preset.purpose
    assert (preset.estimator is None) == (preset.method == "refine")
    assert (preset.network is None) == (preset.method == "metric")
    assert preset.network is None or preset.network in WEIGHTS
    assert preset.video is None or WEIGHTS[preset.video].loader is None
    assert 1 <= len(preset.weights) <= 2 + (preset.video is not None)
    assert preset.estimator is None or WEIGHTS[preset.estimator].loader


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
def test_weights_say_all_that_a_user_has_to_know(weights):
    assert weights.purpose and weights.license and weights.citation
    assert isinstance(weights.commercial, bool)
    # A license for research only cannot be one for commercial work.
    assert not (weights.commercial and re.search("NC|research", weights.license))
    assert re.fullmatch("[a-z0-9.-]+", weights.name)  # it becomes a folder, on every system
    assert weights.files and all(map(is_allowed, weights.files))
    assert (weights.size == 0) == isinstance(weights.source, Bundled)


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
def test_what_is_published_as_a_pickle_says_what_reads_it(weights):
    """By the entry, for two networks may call their files alike."""
    pytest.importorskip("torch")
    from sharpdepth_blender.engine.estimators import CONVERTERS

    assert (weights.pickle is None) == (weights.converter is None)
    assert weights.converter in (None, *CONVERTERS)


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
def test_sources_are_complete(weights):
    source = weights.source
    if isinstance(source, Hub):
        assert re.fullmatch(r"[\w-]+/[\w.-]+", source.repository)
        assert re.fullmatch("main|[0-9a-f]{40}", source.revision)
    elif isinstance(source, Release):
        assert source.parts == tuple(sorted(source.parts)) and len(source.parts) == 3
    else:
        assert all((source.folder / file).is_file() for file in weights.files)


def test_the_papers_result_is_not_for_commercial_work_and_the_recommended_one_is():
    assert not all(weights.commercial for weights in PRESETS["sharpdepth"].weights)
    for name in ("sharpdepth-moge", "sharpdepth-open", "sharpdepth-video", "metric-video"):
        assert all(weights.commercial for weights in PRESETS[name].weights)
    assert "recommended" in PRESETS["sharpdepth-moge"].purpose
