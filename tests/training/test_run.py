"""Which stages a command has, and what it says of a config that does not fit."""

from pathlib import Path

import pytest

from training import run
from training.config import load_config
from training.settings import ConfigError

CONFIGS = Path(run.__file__).with_name("configs")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("preview", list(run.STAGES)), ("paper", ["render", "distill", "report"])],
)
def test_reproduce_has_the_stages_that_there_is_something_for(name, expected):
    path = CONFIGS / f"{name}.toml"
    assert run.stages("reproduce", load_config(path), path) == expected


def test_a_stage_without_a_table_is_refused():
    path = CONFIGS / "paper.toml"
    with pytest.raises(ConfigError, match=r"no table \[vae\]"):
        run.stages("vae", load_config(path), path)


@pytest.mark.parametrize(
    ("lacking", "command", "needing"),
    [("render", "metric", "metric"), ("vae", "diffusion", "diffusion"),
     ("distill", "evaluate", "evaluate"), ("render", "reproduce", "vae")],
)  # fmt: skip
def test_a_table_that_a_stage_looks_into_is_needed(lacking, command, needing):
    path = CONFIGS / "preview.toml"
    config = load_config(path)
    setattr(config, lacking, None)
    with pytest.raises(ConfigError, match=rf"no table \[{lacking}\], which {needing} needs"):
        run.stages(command, config, path)


def test_several_processes_share_the_distillation_alone(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    path = CONFIGS / "preview.toml"
    config = load_config(path)
    assert run.stages("distill", config, path) == ["distill"]
    for command in ("vae", "evaluate", "reproduce"):
        with pytest.raises(ConfigError, match="runs in one process"):
            run.stages(command, config, path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('folder = "x', "is not valid TOML"),
        ('folder = "x"\n[render]\nsource = "procedural"\n', "is missing the key render.samples"),
    ],
)
def test_a_config_that_does_not_fit_is_one_sentence(tmp_path, capsys, text, message):
    path = tmp_path / "own.toml"
    path.write_text(text)
    assert run.main(["render", "--config", str(path), "--blender", "blender"]) == 1
    told = capsys.readouterr().err
    assert message in told and "Traceback" not in told
