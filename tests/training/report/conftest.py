import json
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("jinja2")

from training.datasets import Sample  # noqa: E402
from training.metrics import measure  # noqa: E402
from training.results import save_shown, write_results  # noqa: E402
from training.settings import Config, Evaluate  # noqa: E402

NAME = "hall <script>alert(1)</script> & co"


def depth_map(height, width, shift=0.0):
    """A wall at 6 m with a box at 2 m before it."""
    y, x = np.mgrid[:height, :width]
    box = (abs(x - width * (0.5 + shift)) < width / 5) & (abs(y - height / 2) < height / 5)
    return np.where(box, 2, 6).astype(np.float32)


def evaluated(into, name=NAME):
    """Leave what `evaluate` leaves of a landscape and a portrait in the folder of a dataset."""
    into.mkdir(parents=True)
    pictures = []
    for index, size in enumerate([(48, 64), (65, 49)]):
        truth, valid = depth_map(*size), np.ones(size, bool)
        valid[:4] = False
        sample = Sample(
            name=f"{index} {name}", scene=str(index), depth=truth, valid=valid,
            rgb=np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8),
            intrinsics=None if index else (60.0, 60.0, size[1] / 2, size[0] / 2),
        )  # fmt: skip
        maps = {
            "f_D": truth + 1,
            "f_G aligned to f_D": depth_map(*size, 0.1),
            "sharpener": truth * 1.01,
            "sharpener, local fit": truth * 1.02,
            "f_G aligned to the truth": depth_map(*size, 0.05),
        }
        save_shown(into / "shown", sample, maps)
        rows = {name: measure(depth, truth, valid) for name, depth in maps.items()}
        pictures.append((sample.name, sample.scene, rows))
    write_results(into, pictures, seed=0)


@pytest.fixture
def run(tmp_path):
    """A folder such as the stages leave: one dataset, the logs of two stages, and its config."""
    dataset = tmp_path / "results" / "nyu"
    evaluated(dataset)
    for stage in ("metric", "distill"):
        (tmp_path / stage).mkdir()
        rows = [f"{step},{1 / step},{1e-3 / step}" for step in range(1, 201)]
        (tmp_path / stage / "log.csv").write_text(
            "\n".join(["step,loss,learning_rate", *rows]) + "\n"
        )
    table = dataset / "evaluation.json"
    return SimpleNamespace(
        path=tmp_path,
        dataset=dataset,
        config=Config(0, str(tmp_path), 64, evaluate=Evaluate("", [], seed=0, shown=8)),
        evaluation=json.loads(table.read_text()),
        change=lambda evaluation: table.write_text(json.dumps(evaluation)),
    )
