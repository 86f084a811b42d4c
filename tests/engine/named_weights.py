"""Weights that a rule makes from the names of tensors, as those behind the golden numbers."""

import json
from pathlib import Path
from zlib import crc32

import numpy as np

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def named_weights(case: str) -> tuple[dict, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What is known of a golden case: its description, its tensors by key, its numbers."""
    described = json.loads((GOLDEN / f"{case}.json").read_text())
    with np.load(GOLDEN / f"{case}.npz") as file:
        numbers = dict(file)
    tensors = {
        key: _fill(key, shape, described["seed"]) for key, shape in described["shapes"].items()
    }
    for key in [key for key in numbers if key.startswith("override/")]:
        tensors[key.removeprefix("override/")] = numbers.pop(key)
    return described, tensors, numbers


def released_shapes(name: str) -> dict[str, list[int]]:
    """The shape of every tensor of a released checkpoint, by key."""
    lines = (GOLDEN / f"{name}_keys.tsv").read_text().splitlines()
    return {key: json.loads(shape) for key, shape in (line.split("\t") for line in lines)}


def _fill(key: str, shape: list[int], seed: int) -> np.ndarray:
    z = np.random.RandomState((crc32(key.encode()) + seed) & 0xFFFFFFFF).standard_normal(shape)
    *_, owner, leaf = key.split(".")
    if leaf == "gamma" or (len(shape) == 1 and leaf == "weight" and "norm" in owner):
        return (1 + 0.02 * z).astype(np.float32)
    if len(shape) < 2:
        return (0.02 * z).astype(np.float32)
    if leaf in {"pos_embed", "cls_token", "mask_token"}:
        return (0.5 * z).astype(np.float32)
    gain = 1.0
    if "output_blocks" in key:
        gain = 0.5
    elif "input_blocks" in key and shape[1] == 2:
        gain = 3.0
    return (gain * z / np.sqrt(np.prod(shape[1:]))).astype(np.float32)
