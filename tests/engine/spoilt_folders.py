"""Folders of weights that are spoilt on purpose, and the errors that tell of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from sharpdepth_blender.engine.errors import EngineError

WEIGHTS = "model.safetensors"


def spoil(
    source: Path,
    target: Path,
    tensors: Callable[[dict], object] = lambda tensors: None,
    config: Callable[[dict], object] = lambda config: None,
) -> Path:
    """Copy a folder of weights, its tensors or its config changed by a function."""
    known = load_file(source / WEIGHTS)
    tensors(known)
    save_file(known, target / WEIGHTS)
    written = json.loads((source / "config.json").read_text())
    config(written)
    (target / "config.json").write_text(json.dumps(written))
    return target


def refusal(load: Callable[[Path], object], folder: Path, kind: str) -> str:
    """The sentence by which a loader refuses a folder."""
    with pytest.raises(EngineError) as caught:
        load(folder)
    assert caught.value.kind == kind
    assert str(folder) in caught.value.message and "\n" not in caught.value.message
    return caught.value.message
