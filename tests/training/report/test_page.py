"""The page: whole in itself, safe with any name, and honest about what is missing."""

import csv
import json
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest

pytest.importorskip("jinja2")

from training.baselines import METRIC, SHARPENED  # noqa: E402
from training.report import NothingToReportError, report  # noqa: E402

VOID = {"meta", "img", "input", "br"}


class Page(HTMLParser):
    """Collects what a page refers to and what it says, and checks that its tags are closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.references, self.words, self.tags = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)
        self.references += [v for k, v in attributes if k in ("src", "href", "action", "data")]

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data.strip())


def read(run):
    report(run.config)
    return (run.path / "report.html").read_text(encoding="utf-8")


def test_the_page_needs_nothing_but_itself(run):
    text = read(run)
    page = Page(text)
    assert page.references
    assert all(each.startswith(("data:image/webp;base64,", "#")) for each in page.references)
    assert "http:" not in text and "https:" not in text and "url(" not in text


def test_names_are_text_and_never_markup(run):
    text = read(run)
    assert "<script>alert" not in text
    assert "hall &lt;script&gt;alert(1)&lt;-script&gt; &amp; co" in text
    assert Page(text).tags.count("script") == 1


def test_tables_say_what_was_measured(run):
    words = Page(read(run)).words
    for name in ("f_D", "f_G aligned to f_D", "sharpener", "f_G aligned to the truth"):
        assert name in words
    mean = run.evaluation["table"]["sharpener"]["abs_rel"]["mean"]
    assert mean == pytest.approx(0.01, rel=1e-3) and "0.010" in words
    assert "SharpDepth (arXiv 2411.18229)" in words and "97.9" in words
    assert "paper" in words and "here" in words  # the dataset is one of the paper's


def test_what_was_fitted_to_the_truth_is_never_called_best(run):
    for value in run.evaluation["table"]["f_G aligned to the truth"].values():
        value["mean"] = 0.0
    run.change(run.evaluation)
    assert "<b>0.000</b>" not in read(run)


def test_there_is_a_slider_of_depth_and_of_points_for_each_picture(run):
    text = read(run)
    assert text.count('type="range"') == 2 * 2
    assert text.count("<polyline") == 2 * 2  # two columns of two logs


def test_numbers_go_to_json_as_well(run):
    report(run.config)
    numbers = json.loads((run.path / "report.json").read_text())
    assert numbers["evaluations"]["nyu"] == run.evaluation
    assert numbers["logs"]["metric"]["loss"][3] == 0.25


def test_an_empty_folder_is_named(tmp_path, run):
    run.config.folder = str(tmp_path / "nothing")
    with pytest.raises(NothingToReportError, match="nothing"):
        report(run.config)


def test_logs_alone_are_a_report(run):
    shutil.rmtree(run.path / "results")
    words = " ".join(Page(read(run)).words)
    assert "Nothing has been evaluated yet" in words and "learning rate" in words


def test_tables_alone_are_a_report(run):
    shutil.rmtree(run.path / "results" / "nyu" / "shown")
    for stage in ("metric", "distill"):
        (run.path / stage / "log.csv").write_text("step,loss\n")  # just begun
    text = read(run)
    assert "No sample pictures were saved for this dataset." in text and "<polyline" not in text


def test_what_could_not_be_measured_is_a_dash(run):
    for value in run.evaluation["table"]["f_D"].values():
        value.update(mean=None, low=None, high=None)
    run.change(run.evaluation)
    assert "–" in Page(read(run)).words


def test_what_an_older_evaluation_lacks_is_not_shown(run):
    for row in (*run.evaluation["table"].values(), *run.evaluation["differences"].values()):
        del row["boundary_recall"]
    run.change(run.evaluation)
    assert "boundary recall" not in read(run)


def test_a_method_that_is_not_there_is_a_dash(run):
    del run.evaluation["table"]["f_G aligned to f_D"]
    run.change(run.evaluation)
    for path in (run.dataset / "shown").glob("*.npz"):
        kept = dict(np.load(path))
        kept["methods"], kept["depth_1"] = kept["methods"][[0, 2, 3]], kept["depth_2"]
        np.savez_compressed(path, **kept)
    text = read(run)
    assert text.count('type="range"') == 2 * 2
    assert Page(text).words.count("–") > 2


def test_each_picture_has_its_own_measures(run):
    words = " ".join(Page(read(run)).words)
    rows = csv.DictReader(open(run.dataset / "pictures.csv", encoding="utf-8"))
    found = {(row["name"], row["method"]): float(row["abs_rel"]) for row in rows}
    for name in {name for name, _ in found}:
        before, after = found[name, METRIC], found[name, SHARPENED]
        assert after == pytest.approx(0.02, rel=1e-3) and f"{before:.3f} → {after:.3f}" in words
    (run.dataset / "pictures.csv").unlink()
    assert " → 0.020" not in " ".join(Page(read(run)).words)


def test_a_difference_is_called_better_or_worse(run):
    row = run.evaluation["differences"]["sharpener - f_D"]
    row["abs_rel"].update(mean=-0.1, low=-0.2, high=-0.05)
    row["delta1"].update(mean=-0.1, low=-0.2, high=-0.05)
    row["rmse"].update(mean=-0.1, low=-0.2, high=0.1)
    run.change(run.evaluation)
    words = Page(read(run)).words
    assert {"better", "worse", "no clear difference"} <= set(words)


def test_variants_have_curves_of_their_own(run):
    own = run.path / "variants" / "no-gate"
    own.mkdir(parents=True)
    shutil.copytree(run.path / "distill", own / "distill")
    text = read(run)
    assert "distill, no-gate" in Page(text).words and text.count("<polyline") == 3 * 2
    assert "distill, no-gate" in json.loads((run.path / "report.json").read_text())["logs"]


def test_a_killed_and_a_diverged_stage_are_still_shown(run):
    with open(run.path / "metric" / "log.csv", "a") as file:
        file.write("201,nan,0.1\n202,0.")
    (run.path / "distill" / "log.csv").write_text("")
    text = read(run)
    assert text.count("<polyline") == 2
    assert json.loads((run.path / "report.json").read_text())["logs"]["metric"]["loss"][-1] is None


def test_curves_of_measures_have_their_titles(run):
    (run.path / "metric" / "validation.csv").write_text("step,dbe_accuracy\n1,4\n2,3\n")
    assert "DBE accuracy px" in Page(read(run)).words


def test_the_page_tells_where_it_comes_from(run):
    text = read(run)
    words = " ".join(Page(text).words)
    assert run.path.name in words and "metric 200; distill 200." in words.replace("\n", " ")
    assert "seed = 0 shown = 8" in words.replace("\n", " ") and "[evaluate]" in words
    assert str(run.path) not in text
