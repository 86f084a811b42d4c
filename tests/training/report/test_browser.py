"""The page in a real browser: labels, sliders and tables stay in their places at any width."""

import html
import json
import shutil
import subprocess

import pytest

pytest.importorskip("jinja2")

from tests.training.report.conftest import evaluated
from training.report import report

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1500,1000",
)  # fmt: skip
LONG = "2011_09_26_drive_0002_sync_image_02_data_0000000005_of_a_long_underscored_name"

# A window cannot be as narrow as a phone, so the page stands in a frame, and is asked from outside.
FRAME = """<!doctype html><title>not asked</title>
<iframe style="border: 0; width: {width}px; height: 900px" srcdoc="{page}"></iframe>
<script>
addEventListener("load", () => {{
  const inside = document.querySelector("iframe").contentWindow, page = inside.document;
  const box = element => element.getBoundingClientRect();
  const sliders = [...page.querySelectorAll(".compare")].map(compare => {{
    const range = compare.querySelector("input");
    const clip = () => inside.getComputedStyle(compare.querySelector(".over")).clipPath;
    const line = () => inside.getComputedStyle(compare, "::after").left;
    const [left, right] = [...compare.querySelectorAll(".name")].map(box);
    const knob = parseFloat(inside.getComputedStyle(compare).getPropertyValue("--knob"));
    const before = clip();
    const move = by => {{
      by();
      range.dispatchEvent(new Event("input", {{bubbles: true}}));
      const inner = box(range).width - knob;
      const middle = box(range).left + knob / 2 + inner * range.value / 100 - box(compare).left;
      return [clip(), Math.abs(middle - parseFloat(line()))];
    }};
    return {{
      gap: right.left - left.right,
      inside: left.left >= box(compare).left && right.right <= box(compare).right,
      before, stepped: move(() => range.stepUp()), near_the_end: move(() => range.value = 3),
    }};
  }});
  document.title = JSON.stringify({{
    width: inside.innerWidth, needed: page.documentElement.scrollWidth, sliders,
    pictures: [...page.images].every(image => image.complete && image.naturalWidth > 0),
  }});
}});
</script>
"""


def works(browser):
    """Tell whether a program answers: a stub that would install a browser does not."""
    return subprocess.run([browser, "--version"], capture_output=True, timeout=60).returncode == 0


BROWSER = next(filter(works, filter(None, map(shutil.which, NAMES))), None)


@pytest.mark.skipif(BROWSER is None, reason="no browser works here")
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("dataset", ["nyu", "spring"])
def test_a_browser_shows_the_page_and_moves_its_sliders(run, width, dataset):
    shutil.rmtree(run.dataset)
    evaluated(run.dataset.with_name(dataset), LONG)
    report(run.config)
    page = (run.path / "report.html").read_text(encoding="utf-8").replace('loading="lazy"', "")
    framed = run.path / "framed.html"
    framed.write_text(FRAME.format(width=width, page=html.escape(page)), encoding="utf-8")
    dom = subprocess.run(
        [BROWSER, *FLAGS, f"--user-data-dir={run.path / 'profile'}", "--dump-dom", framed.as_uri()],
        capture_output=True, text=True, timeout=120,
    ).stdout  # fmt: skip
    told = json.loads(html.unescape(dom.partition("<title>")[2].partition("</title>")[0]))
    assert told["width"] == width
    assert told["needed"] <= width  # only tables are wider, each within its own frame
    assert told["pictures"]
    assert len(told["sliders"]) == 2 * 2
    for slider in told["sliders"]:
        assert slider["gap"] > 0 and slider["inside"]
        assert slider["before"] == "inset(0px 0px 0px 50%)"
        for (clip, apart), at in ((slider["stepped"], 51), (slider["near_the_end"], 3)):
            assert clip == f"inset(0px 0px 0px {at}%)"
            assert apart < 0.5  # pixels between the middle of the knob and the line
