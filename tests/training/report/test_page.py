"""The page: whole in itself, safe with any name, and honest about what is missing."""

import json
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

pytest.importorskip("jinja2")

from training.report import NothingToReportError, report  # noqa: E402

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
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
    report(run)
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
    assert "δ1, published" in words  # the dataset is one of the paper's


def test_what_was_fitted_to_the_truth_is_never_called_best(run):
    path = run.path / "results" / "nyu" / "evaluation.json"
    for value in run.evaluation["table"]["f_G aligned to the truth"].values():
        value["mean"] = 0.0
    path.write_text(json.dumps(run.evaluation))
    assert "<b>0.000</b>" not in read(run)


def test_there_is_a_slider_of_depth_and_of_points_for_each_picture(run):
    text = read(run)
    assert text.count('type="range"') == 2 * 2
    assert text.count("<polyline") == 2 * 2  # two columns of two logs


def test_numbers_go_to_json_as_well(run):
    report(run)
    numbers = json.loads((run.path / "report.json").read_text())
    assert numbers["evaluations"]["nyu"] == run.evaluation
    assert numbers["logs"]["metric"]["loss"][3] == 0.25


def test_an_empty_folder_is_named(tmp_path, run):
    run.folder = str(tmp_path / "nothing")
    with pytest.raises(NothingToReportError, match="nothing"):
        report(run)


def test_logs_alone_are_a_report(run):
    shutil.rmtree(run.path / "results")
    words = " ".join(Page(read(run)).words)
    assert "Nothing was evaluated yet" in words and "learning rate" in words


def test_tables_alone_are_a_report(run):
    shutil.rmtree(run.path / "results" / "nyu" / "shown")
    for stage in ("metric", "distill"):
        (run.path / stage / "log.csv").write_text("step,loss\n")  # just begun
    text = read(run)
    assert "No pictures of this dataset were kept." in text and "<polyline" not in text


def test_what_could_not_be_measured_is_a_dash(run):
    for value in run.evaluation["table"]["f_D"].values():
        value.update(mean=None, low=None, high=None)
    path = run.path / "results" / "nyu" / "evaluation.json"
    path.write_text(json.dumps(run.evaluation))
    assert "–" in Page(read(run)).words


@pytest.mark.skipif(BROWSER is None, reason="no browser is installed")
def test_a_browser_moves_the_slider(run):
    text = read(run)
    move = """<script>
      const range = document.querySelector(".compare input");
      const clip = () => getComputedStyle(document.querySelector(".compare .over")).clipPath;
      const before = clip();
      range.value = 20;
      range.dispatchEvent(new Event("input", {bubbles: true}));
      const images = [...document.images].every(image => image.complete && image.naturalWidth > 0);
      document.title = [before, clip(), images, document.documentElement.scrollWidth].join("|");
    </script></body>"""
    eager = text.replace('loading="lazy"', "")
    script = move.replace("<script>", '<script>addEventListener("load", () => {').replace(
        "</script>", "});</script>"
    )
    page = run.path / "moved.html"
    page.write_text(eager.replace("</body>", script), encoding="utf-8")
    dom = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=600,800",
         f"--user-data-dir={run.path / 'profile'}", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120,
    ).stdout  # fmt: skip
    title = dom.partition("<title>")[2].partition("</title>")[0]
    before, after, images, width = title.split("|")
    assert before == "inset(0px 0px 0px 50%)" and after == "inset(0px 0px 0px 20%)"
    assert images == "true"
    assert int(width) <= 600  # nothing but the tables, in their own frame, is wider than the window
