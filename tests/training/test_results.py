"""What an evaluation keeps while it runs, and what it leaves."""

import csv
import json

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("skimage")

from training.datasets import Sample  # noqa: E402
from training.metrics import MEASURES  # noqa: E402
from training.metrics_log import Measured  # noqa: E402
from training.results import save_shown, write_results  # noqa: E402

METHODS = ("f_D", "f_G aligned to f_D", "sharpener")


def row(value):
    return {name: value for name in MEASURES}


def pictures(count=6):
    rng = np.random.default_rng(0)
    return [
        (f"p{i}", f"scene{i // 2}", {method: row(float(rng.random())) for method in METHODS})
        for i in range(count)
    ]


def test_an_interrupted_evaluation_goes_on(tmp_path):
    path = tmp_path / "results" / "measured.jsonl"
    first = Measured(path, ["models"])
    for picture in pictures():
        first.add(*picture)
    with open(path, "a") as file:
        file.write('["half a li')  # written as the run was killed
    again = Measured(path, ["models"])
    assert again.count == 6 and again.pictures == pictures()
    again.add("p6", "scene3", {})
    assert Measured(path, ["models"]).count == 7


def test_other_models_are_measured_anew(tmp_path):
    path = tmp_path / "measured.jsonl"
    Measured(path, ["models", 1]).add("p0", "s", {})
    assert Measured(path, ["models", 2]).count == 0
    assert Measured(path, ["models", 1]).count == 0


def test_an_empty_file_is_begun_anew(tmp_path):
    path = tmp_path / "measured.jsonl"
    path.write_text("")
    assert Measured(path, 1).count == 0


def test_means_and_intervals_and_what_was_not_measured(tmp_path):
    done = pictures()
    done[0][2]["f_D"]["silog"] = float("nan")
    for _, _, rows in done:
        for values in rows.values():
            values["dbe_accuracy"] = float("nan")
    table = write_results(tmp_path, done, seed=0)
    values = [rows["f_D"]["abs_rel"] for _, _, rows in done]
    assert table["f_D"]["abs_rel"]["mean"] == pytest.approx(np.mean(values))
    assert table["f_D"]["abs_rel"]["low"] <= np.mean(values) <= table["f_D"]["abs_rel"]["high"]
    others = [rows["f_D"]["silog"] for _, _, rows in done[1:]]
    assert table["f_D"]["silog"]["mean"] == pytest.approx(np.mean(others))
    assert table["f_D"]["dbe_accuracy"] == {"mean": None, "low": None, "high": None}
    report = json.loads((tmp_path / "evaluation.json").read_text())
    assert (report["frames"], report["scenes"], report["table"]) == (6, 3, table)
    paired = [rows["sharpener"]["rmse"] - rows["f_D"]["rmse"] for _, _, rows in done]
    assert report["differences"]["sharpener - f_D"]["rmse"]["mean"] == pytest.approx(
        np.mean(paired)
    )


def test_tables_are_csv(tmp_path):
    write_results(tmp_path, pictures(), seed=0)
    with open(tmp_path / "table.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(METHODS) * len(MEASURES)
    assert {each["method"] for each in rows} == set(METHODS)
    with open(tmp_path / "pictures.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (
        len(rows) == 6 * len(METHODS)
        and float(rows[0]["abs_rel"]) == pictures()[0][2]["f_D"]["abs_rel"]
    )


def test_a_method_may_be_missing_from_some_pictures(tmp_path):
    done = pictures()
    done[2][2]["autoencoder on the truth"] = row(0.5)
    table = write_results(tmp_path, done, seed=0)
    assert table["autoencoder on the truth"]["delta1"]["mean"] == 0.5
    assert table["autoencoder on the truth"]["delta1"]["low"] is None  # one scene tells no spread


def test_shown_pictures_keep_holes_and_unknown_cameras(tmp_path):
    depth = np.full((4, 6), 2, np.float32)
    valid = np.ones((4, 6), bool)
    valid[0] = False
    sample = Sample(
        name="hall/0", scene="hall", rgb=np.zeros((4, 6, 3), np.uint8), intrinsics=None,
        depth=depth, valid=valid,
    )  # fmt: skip
    save_shown(tmp_path / "shown", sample, {"f_D": depth, "sharpener": 2 * depth})
    with np.load(tmp_path / "shown" / "hall-0.npz") as kept:
        assert list(kept["methods"]) == ["f_D", "sharpener"]
        assert np.isnan(kept["truth"][0]).all() and (kept["truth"][1:] == 2).all()
        assert np.isnan(kept["intrinsics"]).all() and (kept["depth_1"] == 4).all()
