from pathlib import Path

import pytest

from training.config import load_config
from training.scenes.splits import SEEDS_OF_SPLIT, seeds
from training.settings import ConfigError, Render, Vae

CONFIGS = Path(__file__).parents[2] / "training" / "configs"
CONFIG = CONFIGS / "preview.toml"


def test_settings_override_and_keep_their_type():
    config = load_config(CONFIG, ["metric.steps=7", "folder=else where", "metric.average=1"])
    assert config.metric.steps == 7
    assert config.folder == "else where"
    assert config.metric.average == 1.0 and isinstance(config.metric.average, float)
    assert config.vae.steps != 7


@pytest.mark.parametrize(
    "setting",
    ["metric.step=7", "metric=7", "nothing", "a.b.c=1", "metric.steps=1.5", "metric.steps=fast",
     "metric.widths=3", "seed.more=1"],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused(setting):
    with pytest.raises(ConfigError):
        load_config(CONFIG, [setting])


def test_tables_are_what_their_stages_know():
    config = load_config(CONFIG)
    assert type(config.vae) is Vae and type(config.render) is Render
    assert config.distill.lotus is None and config.variant("second-seed").seed == 1
    assert config.variant("no-gate").steps == config.distill.steps
    paper = load_config(CONFIGS / "paper.toml")
    assert paper.vae is None and paper.distill.lotus == "lotus-depth-g" and not paper.variants


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("warmup = 20", "warm_up = 20", "unknown config key distill.warm_up; known keys"),
        ("[vae]", "[autoencoder]", "unknown config key autoencoder; known keys: seed"),
        ("warmup = 20", "", "the config is missing the key distill.warmup"),
        ("processing_resolution = 256", "", "the config is missing the key processing_resolution"),
        ("batch = 16", "batch = 1.5", "metric.batch must be an integer, not 1.5"),
        ("batch = 16", "batch = true", "metric.batch must be an integer, not True"),
        ("score_weight = 1.0", "score_weight = 'x'", "distill.score_weight must be a number, not"),
        ("jobs = 2", "source = 3\njobs = 2", "is not valid TOML"),
        ('source = "procedural"', "source = 3", "render.source must be a string, not 3"),
        ("lora_rank = 0", "lora_rank = 0\nlotus = 3", "distill.lotus must be a string, not 3"),
        ("gradient_checkpointing = false", "gradient_checkpointing = 0", "must be true or false"),
        ("widths = [16, 48, 64]", "widths = [16, 'x']", "vae.widths must be a list of integers"),
        ("datasets = []", "datasets = [1]", "evaluate.datasets must be a list of strings"),
        ("seed = 0", "seed = 0\nvae = 3", "is not valid TOML"),
        ('start = "stages"', 'start = "stage"', "distill.start must be"),
        ('start = "stages"', 'start = "weights"', "needs distill.lotus and distill.metric"),
        ("score_weight = 0.0", "weight = 0", "key variants.no-score-distillation.weight"),
        ("score_weight = 0.0", "score_weight = []", "score_weight must be a number, not"),
        ("[variants.no-gate]", "[variants]\nno-gate = 3\n[variants.x]", "no-gate must be a table"),
        ("score_weight = 0.0", 'start = "weights"', "needs distill.lotus and distill.metric"),
    ],
)
def test_a_config_is_checked_before_anything_runs(tmp_path, old, new, sentence):
    text = CONFIG.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "own.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_config(path)
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_a_table_in_place_of_a_value_and_variants_of_nothing_are_refused(tmp_path):
    path = tmp_path / "own.toml"
    start = 'seed = 0\nfolder = "x"\nprocessing_resolution = 64\n'
    for text, sentence in [
        ("vae = 3\n", "vae must be a table, not 3"),
        ("[variants.other]\nseed = 1\n", r"\[variants\] but no table \[distill\]"),
    ]:
        path.write_text(start + text)
        with pytest.raises(ConfigError, match=sentence):
            load_config(path)


def test_no_scene_is_in_two_splits():
    ranges = list(SEEDS_OF_SPLIT.values())
    for i, one in enumerate(ranges):
        for other in ranges[i + 1 :]:
            assert one.stop <= other.start or other.stop <= one.start
    assert list(seeds("test", 3)) == list(SEEDS_OF_SPLIT["test"])[:3]
    assert not set(seeds("train", 5000)) & set(seeds("test", 5000))
