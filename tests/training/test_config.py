from pathlib import Path

import pytest

from training.config import ConfigError, load_config
from training.scenes.splits import SEEDS_OF_SPLIT, seeds

CONFIG = Path(__file__).parents[2] / "training" / "configs" / "preview.toml"


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


def test_no_scene_is_in_two_splits():
    ranges = list(SEEDS_OF_SPLIT.values())
    for i, one in enumerate(ranges):
        for other in ranges[i + 1 :]:
            assert one.stop <= other.start or other.stop <= one.start
    assert list(seeds("test", 3)) == list(SEEDS_OF_SPLIT["test"])[:3]
    assert not set(seeds("train", 5000)) & set(seeds("test", 5000))
